"""What can be broadcast: frozen dataclasses with a name that stays the same when the class is renamed or moved.

On the wire an event is one line, `<node>.<count> <topic> <name> <JSON>`: the head is read without decoding the rest, as
most processes have no subscriber for most topics. A node counts what it sends, and so knows what has come back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any, NamedTuple, Protocol

from pydantic import TypeAdapter, ValidationError

log = logging.getLogger(__name__)


class Event(Protocol):
    """A frozen dataclass that was given a name by `@event`."""

    __dataclass_params__: Any


class Message(NamedTuple):
    """An event on its way between processes; `body` is its JSON."""

    sender: str
    topic: str
    name: str
    body: str

    def line(self) -> str:
        return " ".join(self)

    @classmethod
    def parse(cls, line: str) -> Message | None:
        parts = line.split(" ", 3)
        return cls(*parts) if len(parts) == 4 else None


class _Kind[T]:
    """One class of events. Its JSON codec is made on first use, when all names in its annotations exist."""

    def __init__(self, name: str, cls: type[T], *, is_kept: bool) -> None:
        self.name = name
        self.cls = cls
        self.is_kept = is_kept
        self._adapter: TypeAdapter[T] | None = None

    @property
    def adapter(self) -> TypeAdapter[T]:
        if self._adapter is None:
            self._adapter = TypeAdapter(self.cls)
        return self._adapter


_by_name: dict[str, _Kind[Any]] = {}
_by_class: dict[type, _Kind[Any]] = {}


def event[T](name: str, *, is_kept: bool = True) -> Callable[[type[T]], type[T]]:
    """Give the frozen dataclass below its name on the wire. Its fields are what pydantic turns into JSON and back.

    What is not kept cannot be asked for later by a follower of its topic: messages that carry news and do not name it.
    """

    def register(cls: type[T]) -> type[T]:
        params = getattr(cls, "__dataclass_params__", None)
        if not is_dataclass(cls) or not getattr(params, "frozen", False):
            raise TypeError(f"{cls.__qualname__} is broadcast, so it must be a frozen dataclass")
        other = _by_name.get(name)
        if other is not None and (other.cls.__module__, other.cls.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"two events are called {name!r}: {other.cls.__qualname__} and {cls.__qualname__}")
        _by_name[name] = _by_class[cls] = _Kind(name, cls, is_kept=is_kept)
        return cls

    return register


@event("pubsub.resync", is_kept=False)
@dataclass(frozen=True)
class Resync:
    """Something may have been missed: read again what you show. Every subscription gets it, whatever its topic."""

    reason: str = ""


def kind_of(value: object) -> _Kind[Any]:
    """Raises TypeError for what was not registered by `@event`."""
    try:
        return _by_class[type(value)]
    except KeyError:
        raise TypeError(f"{type(value).__qualname__} has no name: put @event(…) above the class") from None


def is_kept(name: str) -> bool:
    """Whether events of this name are remembered for those who ask later."""
    kind = _by_name.get(name)
    return kind is not None and kind.is_kept


def encode(value: object) -> tuple[str, str]:
    """The event's name and its JSON."""
    kind = kind_of(value)
    return kind.name, kind.adapter.dump_json(value).decode()


def decode(name: str, body: str) -> object | None:
    """The event, or None when this process does not know it or its shape: another one may run newer code."""
    kind = _by_name.get(name)
    if kind is None:
        log.warning("an event of unknown name was skipped: %s", name)
        return None
    try:
        return kind.adapter.validate_json(body)
    except ValidationError as error:
        log.warning("an event %s of unknown shape was skipped: %s", name, error)
        return None
