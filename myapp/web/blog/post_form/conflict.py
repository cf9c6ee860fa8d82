"""Two people changed one post: how the two texts differ, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import TypedDict

LIMIT = 400  # lines shown
LONGEST = 3000  # lines compared: the time grows with their square
CONTEXT = 2  # unchanged lines around a change
_COMPARED = ("title", "excerpt", "tags", "body")


class DiffLine(TypedDict):
    """A line of both texts ("same"), of one's own ("mine"), of the other's ("theirs"), or a leap over many ("leap")."""

    kind: str
    text: str


def differences(theirs: Mapping[str, object], mine: Mapping[str, object]) -> list[DiffLine]:
    """What is only in the one and only in the other, with a little of what both have.

    >>> differences({"title": "Tea", "body": "hot\\nsweet"}, {"title": "Tea", "body": "hot\\nbitter"})[-2:]
    [{'kind': 'theirs', 'text': 'sweet'}, {'kind': 'mine', 'text': 'bitter'}]
    """
    old, new = _lines(theirs), _lines(mine)
    found: list[DiffLine] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if found:
            found.append(DiffLine(kind="leap", text=""))
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                found += [DiffLine(kind="same", text=line) for line in old[old_from:old_to]]
                continue
            found += [DiffLine(kind="theirs", text=line) for line in old[old_from:old_to]]
            found += [DiffLine(kind="mine", text=line) for line in new[new_from:new_to]]
    return found[:LIMIT]


def _lines(fields: Mapping[str, object]) -> list[str]:
    lines = [line for name in _COMPARED for line in str(fields.get(name) or "").splitlines() if line.strip()]
    return lines[:LONGEST]
