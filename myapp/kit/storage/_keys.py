"""Keys: a folder, 32 random digits, perhaps a variant, and an ending that says the type."""

from __future__ import annotations

import re
from secrets import token_hex

from myapp.kit.errors import NotFound

TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""Every type that is kept, by the ending of its keys. None of them is run by a browser."""

_KEY = re.compile(r"[a-z]{1,40}/[0-9a-f]{32}(?P<variant>-[a-z0-9]{1,10})?\.(?P<ending>[a-z0-9]{1,5})")


def new_key(folder: str, ending: str) -> str:
    """A key that nobody can guess: 128 random bits. Raises ValueError for an ending that stands for no type."""
    key = f"{folder}/{token_hex(16)}.{ending}"
    if not is_key(key):
        raise ValueError(f"{key} would be no key")
    return key


def is_key(text: str) -> bool:
    """Whether `new_key` could have made it, or a variant of it.

    >>> is_key("avatars/" + 32 * "0" + ".webp"), is_key("avatars/../../etc/passwd"), is_key("avatars/x.webp")
    (True, False, False)
    """
    found = _KEY.fullmatch(text)
    return found is not None and found["ending"] in TYPES


def variant(key: str, name: object) -> str:
    """The key of the same thing in another size.

    >>> variant("covers/" + 32 * "0" + ".webp", 640) == "covers/" + 32 * "0" + "-640.webp"
    True
    """
    stem, _, ending = key.rpartition(".")
    return f"{stem}-{name}.{ending}"


def original(name: str) -> str | None:
    """The key that this one is a variant of, or the key itself; None for what is no key."""
    found = _KEY.fullmatch(name)
    return name.replace(found["variant"] or "", "") if found and found["ending"] in TYPES else None


def content_type_of(key: str) -> str:
    """What is under the key. Raises NotFound for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None or found["ending"] not in TYPES:
        raise NotFound
    return TYPES[found["ending"]]
