"""What an import notes in a post's metadata of where the post comes from: the import's alone, and for no reader.

Imports keep there what a post has no place for: its source's id and address, the files that hung on it. All of that is
made of parts; what is words or figures in an imported post's metadata is its author's, as it is in any other post.

    >>> meta = {"mood": "calm", "for": ["Ada"], "import": {"from": "wordpress"}, "attachments": [{"url": "a.jpg"}]}
    >>> without_notes(meta)
    {'mood': 'calm', 'for': ['Ada']}
    >>> with_notes({"mood": "merry", "import": "mine"}, meta)
    {'mood': 'merry', 'import': {'from': 'wordpress'}, 'attachments': [{'url': 'a.jpg'}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def without_notes(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What is the author's of an imported post's metadata."""
    return {name: value for name, value in meta.items() if not _has_parts(value)}


def with_notes(meta: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody makes of an imported post's metadata: the notes that were in it `before` stay as they were."""
    return {**meta, **{name: value for name, value in before.items() if _has_parts(value)}}


def _has_parts(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_parts, cast("list[object]", value))))
