"""Between a post and the fields of its form, both ways. The rules stand in the blog's changeset, not here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from myapp.blog import FileCard, PostDetail
from myapp.web.blog.files import file_item

_ENDS_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # and other controls, which nobody sees

EMPTY = {
    "title": "",
    "body": "",
    "tags": "",
    "excerpt": "",
    "meta": "",
    "cover": "",
    "cover_alt": "",
    "attachments": "",
    "status": "published",
    "published_at": "",
    "version": "",
}


def fields_of(post: PostDetail | None) -> dict[str, str]:
    """What the fields start with."""
    if post is None:
        return dict(EMPTY)
    return {
        "title": post.title,
        "body": post.body,
        "tags": ", ".join(" ".join(tag.name.replace(",", " ").split()) for tag in post.tags),  # commas part them
        "excerpt": post.own_excerpt,
        "meta": lines_of(post.meta),
        "cover": _listed([post.cover] if post.cover else [], post.org_id),
        "cover_alt": post.cover.alt if post.cover else "",
        "attachments": _listed(post.attachments, post.org_id),
        "status": post.status,
        "published_at": post.published_at.isoformat() if post.published_at else "",
        "version": str(post.version),
    }


def attrs_of(fields: Mapping[str, object], seen: int) -> dict[str, object]:
    """What the blog is asked for. A time counts only where the post is to be scheduled.

    The version travels with the words, so that words the browser kept while somebody else saved are known to be older;
    `seen` is a later one that the person was shown meanwhile.
    """
    attrs = {
        name: fields[name] for name in ("title", "body", "tags", "excerpt", "status", "cover_alt") if name in fields
    }
    version = str(fields.get("version", ""))
    if version.isdecimal() and len(version) < 10:
        attrs["version"] = max(int(version), seen)
    if {"cover", "attachments"} <= fields.keys():
        attrs["files"] = [each for name in ("cover", "attachments") for each in ids_of(str(fields[name]))]
    if "meta" in fields:
        attrs["meta"] = meta_of(str(fields["meta"]))
    if fields.get("status") == "scheduled":
        attrs["published_at"] = fields.get("published_at") or None
    return attrs


def ids_of(listed: str) -> list[str]:
    """The ids of the files that the browser lists; the rest of what it says of them is for itself.

    >>> ids_of('[{"id": "7", "filename": "sea.jpg"}, {"filename": "no id"}]'), ids_of(""), ids_of("nonsense")
    (['7'], [], [])
    """
    items = _read(listed)
    found = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [each for each in found if isinstance(each, str)]


def _listed(cards: Sequence[FileCard], org_id: UUID) -> str:
    """Files as the browser keeps them: with what it shows of each, so that a draft needs nobody to ask."""
    return json.dumps([file_item(card, org_id) for card in cards], ensure_ascii=False) if cards else ""


def lines_of(meta: Mapping[str, Any]) -> str:
    """Metadata as people write it, one pair a line. What a line can't hold as it is stands there as JSON.

    >>> lines_of({"mood": "calm", "minutes": 7, "year": "1984", "for": ["Ada", "Bob"]})
    'mood: calm\\nminutes: 7\\nyear: "1984"\\nfor: ["Ada", "Bob"]'
    >>> lines_of({"og:title": "Hello: you"})
    '"og:title": Hello: you'
    """
    return "\n".join(f"{_written_name(name)}: {_written(value)}" for name, value in meta.items())


def meta_of(lines: str) -> dict[str, Any] | str:
    """The pairs again; text that is not made of pairs stays as it is, and the changeset refuses it.

    >>> meta_of('mood: calm\\n\\nminutes: 7\\nyear: "1984"\\nlink: https://example.com')
    {'mood': 'calm', 'minutes': 7, 'year': '1984', 'link': 'https://example.com'}
    >>> meta_of("no pair")
    'no pair'
    """
    pairs = [_pair(line.strip()) for line in lines.splitlines() if line.strip()]
    found = [pair for pair in pairs if pair]
    return dict(found) if len(found) == len(pairs) else lines


def _pair(line: str) -> tuple[str, object] | None:
    """A name goes to the first colon; one in quotes may hold colons, too, and be empty."""
    if line.startswith('"'):
        with suppress(ValueError):
            name, end = _json.raw_decode(line)
            if (rest := line[end:].lstrip()).startswith(":"):
                return name, _read(rest[1:].strip())
    name, colon, value = line.partition(":")
    return (name.rstrip(), _read(value.strip())) if name.strip() and colon else None


def _written_name(name: str) -> str:
    is_plain = name and ":" not in name and not name.startswith('"') and _fits_a_line(name)
    return name if is_plain else _quoted(name)


def _written(value: object) -> str:
    return value if isinstance(value, str) and value == _read(value) and _fits_a_line(value) else _quoted(value)


def _fits_a_line(text: str) -> bool:
    return text == text.strip() and not _ENDS_LINE.search(text)


def _quoted(value: object) -> str:
    """JSON, readable but for what would end the line or can't be seen."""
    return _ENDS_LINE.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(value, ensure_ascii=False))


def _read(text: str) -> object:
    try:
        return _json.decode(text)
    except (ValueError, RecursionError):
        return text


def _no_number(constant: str) -> object:
    """NaN and Infinity are words: JSON has no such numbers."""
    raise ValueError(constant)


_json = json.JSONDecoder(parse_constant=_no_number)
