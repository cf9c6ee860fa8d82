"""What the router says about each page, and who may open it: asked by the shell before a page loads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.scope import Scope


class Guard(StrEnum):
    """Who may open a page at all; contexts still decide what is in it."""

    ANYONE = "anyone"
    PERSON = "person"  # somebody who is logged in
    MEMBER = "member"  # of the organisation in the address
    OPERATOR = "operator"  # who runs the site; for others the page is not there


@dataclass(frozen=True, slots=True)
class Entry:
    """What the router says about a page."""

    guard: Guard = Guard.ANYONE
    on_load: tuple[Any, ...] = ()


_entries: dict[str, Entry] = {}


def use_entries(entries: dict[str, Entry]) -> None:
    """Name the pages of the site by route; the router does."""
    _entries.clear()
    _entries.update(entries)


def entry_of(route_id: str) -> Entry:
    """What the router says about this page, by Reflex's name of it."""
    return _entries.get(route_id, Entry())


def admit(guard: Guard, scope: Scope) -> None:
    """Raise Unauthenticated, NotFound or Forbidden for who may not open a page of this guard."""
    if guard is not Guard.ANYONE and scope.user_id is None:
        raise Unauthenticated
    if guard is Guard.OPERATOR and not scope.is_operator:
        raise NotFound
    if guard is Guard.MEMBER and not scope.is_member and not scope.is_operator:
        raise Forbidden
