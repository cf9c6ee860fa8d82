"""What a file is, by what is in it: an allow-list, and nothing else is anything.

    with uploaded(…) as file:
        kind = judge(file)          # "pdf"; None for what is not on the list

The answer is the ending that `storage.TYPES` knows. A name is never looked at: whoever sends a program and calls it
`photo.png` sends a program. Pictures are told by their first bytes here and decoded afterwards (`images.cleaned`).
The signatures are those of https://mimesniff.spec.whatwg.org and of each format's own specification.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import IO
from zipfile import BadZipFile, ZipFile

PICTURES = frozenset({"jpg", "png", "webp"})

_HEAD = 4096  # bytes
_SIGNATURES = (
    ("jpg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("webp", re.compile(rb"RIFF....WEBPVP", re.DOTALL)),
    ("pdf", re.compile(rb"%PDF-[12]\.\d")),
    ("mp3", re.compile(rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]")),
    ("mp4", re.compile(rb".{4}ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4A |M4V |dash)", re.DOTALL)),
)
_ZIP = b"PK\x03\x04"
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_MAX_MEMBERS = 10_000
# Bytes that no text has, tab, line breaks and form feed aside.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# The endings that a text may go by without being taken for a program where it is saved.
_TEXTS = frozenset({"txt", "md", "markdown", "csv", "tsv", "log", "json", "yaml", "yml", "toml", "srt", "vtt", "ics"})
_OTHER_ENDINGS = {"jpg": frozenset({"jpeg"}), "mp4": frozenset({"m4a", "m4v"}), "txt": _TEXTS}


def judge(file: IO[bytes]) -> str | None:
    """The ending of the type, or None. Reads all of a text, and of everything else only a little."""
    file.seek(0)
    head = file.read(_HEAD)
    for ending, signature in _SIGNATURES:
        if signature.match(head):
            return ending
    if head.startswith(_ZIP):
        return _kind_of_zip(file)
    return "txt" if _is_text(file) else None


def download_name(filename: str, ending: str) -> str:
    r"""What a file of this type is called where it is saved: its own name, if that does not claim something else.

    >>> download_name("C:\\fakepath\\Minutes.PDF", "pdf"), download_name("../../run.bat", "txt")
    ('Minutes.PDF', 'run.bat.txt')
    >>> download_name("", "zip"), download_name("notes.md", "txt")
    ('file.zip', 'notes.md')
    """
    name = re.split(r"[/\\]", filename)[-1]
    name = "".join(letter for letter in name if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    written = PurePath(name).suffix.lstrip(".").lower()
    if written != ending and written not in _OTHER_ENDINGS.get(ending, ()):
        name = f"{name or 'file'}.{ending}"
    stem, suffix = PurePath(name).stem, PurePath(name).suffix
    return stem[: 200 - len(suffix)] + suffix


def _kind_of_zip(file: IO[bytes]) -> str | None:
    """Only the list of what is in it is read, and never unpacked. What can bring macros along is refused."""
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) > _MAX_MEMBERS or any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if names and names[0] == "mimetype" and archive.infolist()[0].file_size < _HEAD:
                return _OPEN_DOCUMENT.get(archive.read("mimetype").strip(), "zip")
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        return None
    return next((kind for member, kind in _OFFICE.items() if member in names), "zip")


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8 without control characters that does not begin as markup does: that is no text to a browser."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    begun = False
    try:
        while chunk := file.read(1 << 16):
            text = decoder.decode(chunk)
            if _BINARY.search(chunk) or (not begun and text.lstrip().startswith("<")):
                return False
            begun = begun or bool(text.strip())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return begun
