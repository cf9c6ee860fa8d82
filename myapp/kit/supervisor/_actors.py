"""The servers that are alive in this process, for those who look: Erlang's `processes()` and `sys:get_state/1`.

Nothing is collected while nobody looks: a server is known weakly from its start to its end, and what it does and holds
is found out when somebody asks.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from weakref import WeakValueDictionary


class Actor(Protocol):
    """What can be seen of a server. `number` names it in this process, `child` is the path of the one that began it."""

    @property
    def number(self) -> int: ...
    @property
    def child(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def is_alive(self) -> bool: ...
    @property
    def state(self) -> Any:
        """As its last callback left it."""
        ...

    @property
    def callback(self) -> str:
        """The name of the one that runs, or "" while it waits for a message."""
        ...

    @property
    def stands_at(self) -> str:
        """The line at which its callback waits; "" while it waits for a message."""
        ...

    def messages(self) -> list[object]:
        """What is in its mailbox."""
        ...

    def details(self) -> Mapping[str, str]: ...


_numbers = itertools.count(1)
_known: WeakValueDictionary[int, Actor] = WeakValueDictionary()


def enlist(actor: Actor) -> int:
    """Know it while it lives. Its number."""
    number = next(_numbers)
    _known[number] = actor
    return number


def actors() -> list[Actor]:
    """Those that are alive, the oldest first."""
    return [actor for _, actor in sorted(_known.items()) if actor.is_alive]


def actor(name: str | int) -> Actor:
    """The one of this number, this child or this class. Raises LookupError where there is none, or more than one."""
    alive = actors()
    found = [each for each in alive if name in {each.number, each.child, type(each).__name__}]
    if len(found) != 1:
        there = ", ".join(f"{each.number} {type(each).__name__} {each.child}".rstrip() for each in found or alive)
        raise LookupError(f"{'several' if found else 'no'} actors are called {name}; there are: {there or 'none'}")
    return found[0]
