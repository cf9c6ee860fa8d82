"""Events and who is attached to them: `:telemetry.execute/3`, `attach_many/4` and `detach/1`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

type Measurements = Mapping[str, float]
type Metadata = Mapping[str, Any]
type Handler = Callable[[str, Measurements, Metadata], None]

log = logging.getLogger(__name__)

NOTHING: Mapping[str, Any] = MappingProxyType({})

_handlers: dict[str, tuple[tuple[str, Handler], ...]] = {}
"""By event, with their ids. A tuple is replaced, never changed: an event under way goes on with the one it has."""


def execute(event: str, measurements: Measurements = NOTHING, metadata: Metadata = NOTHING) -> None:
    """Call everything that is attached to the event, here and now. Nobody changes either mapping afterwards.

    Inside `transaction()` it says what happens even if that is rolled back: deeds are broadcast by PubSub, which
    executes an event of the same name after the commit.
    """
    handlers = _handlers.get(event)
    if handlers is not None:
        for name, handler in handlers:
            try:
                handler(event, measurements, metadata)
            except Exception:
                log.exception("the telemetry handler %r failed at %s and is detached", name, event)
                detach(name)


def is_attached(event: str) -> bool:
    """Whether anybody would hear it: for places where the measurements themselves cost something."""
    return event in _handlers


def attach(name: str, events: Collection[str], handler: Handler) -> None:
    """Call `handler(event, measurements, metadata)` for these events until `detach(name)`, in the order of attaching.

    It is called within whatever executes the event, perhaps in a thread, and must return at once. Raises ValueError
    when the name is taken.
    """
    if any(other == name for handlers in _handlers.values() for other, _ in handlers):
        raise ValueError(f"something is attached as {name!r} already")
    for event in dict.fromkeys(events):
        _handlers[event] = (*_handlers.get(event, ()), (name, handler))


def detach(name: str) -> None:
    """Call it no more; may be called for one that is not attached."""
    for event, handlers in list(_handlers.items()):
        left = tuple(pair for pair in handlers if pair[0] != name)
        if left:
            _handlers[event] = left
        else:
            del _handlers[event]


@contextmanager
def attached(name: str, events: Collection[str], handler: Handler) -> Generator[None]:
    """The same until the end of the block."""
    attach(name, events, handler)
    try:
        yield
    finally:
        detach(name)
