"""A post's metadata as its readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from myapp.kit.i18n import gettext as _


class MetaPair(TypedDict):
    """A key of the metadata and its value in words."""

    name: str
    value: str


def meta_pairs(meta: Mapping[str, Any]) -> list[MetaPair]:
    """What is there to be read; what is made of parts is not.

    >>> meta_pairs({"mood": "calm", "for": ["Ada", 7], "oven": {"degrees": 220}, "none": None})
    [{'name': 'mood', 'value': 'calm'}, {'name': 'for', 'value': 'Ada, 7'}]
    """
    words = {name: _words(value) for name, value in meta.items()}
    return [MetaPair(name=name, value=value) for name, value in words.items() if value]


def _words(value: object) -> str:
    if isinstance(value, list):
        parts = [_words(each) for each in value]
        return ", ".join(parts) if all(parts) else ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if isinstance(value, str | int | float) else ""
