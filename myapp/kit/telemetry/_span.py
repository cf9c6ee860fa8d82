"""What takes a while: an event when it starts, and one when it has ended. `:telemetry.span/3`.

A span is an ordinary `with` block, in a function that awaits as well as in one that does not. Where beginning and end
are in different places, `begin()` and `end()` do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, time
from types import TracebackType
from typing import Any, Self

from myapp.kit.telemetry._core import Metadata, execute, is_attached


class Span:
    """One of them. What is put into `metadata` while it lasts is there when it ends; it is this span's alone.

    Whoever is attached to starts finds the span itself under `metadata["span"]`, the same object at its start and end.
    """

    __slots__ = ("__weakref__", "_names", "_started", "metadata")

    def __init__(self, event: str, metadata: Metadata | None = None) -> None:
        self._names = _NAMES[event]
        self._started = 0.0
        self.metadata: dict[str, Any] = {**metadata} if metadata else {}

    def begin(self) -> None:
        """Say that it starts."""
        name = self._names[0]
        if is_attached(name):
            self.metadata["span"] = self
            execute(name, {"system_time": time()}, self.metadata)
        self._started = perf_counter()

    def end(self, error: BaseException | None = None) -> None:
        """Say that it has ended: `….stop`, or with an error `….exception`, whose kind is `metadata["error"]`."""
        duration = perf_counter() - self._started
        metadata = self.metadata
        if error is None:
            execute(self._names[1], {"duration": duration}, metadata)
        else:
            metadata["error"] = type(error).__name__
            execute(self._names[2], {"duration": duration}, metadata)
        if "span" in metadata:
            del metadata["span"]  # the circle would be left to the garbage collector

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.end(error)


def span(event: str, metadata: Metadata | None = None) -> Span:
    """A block that executes `<event>.start`, then `<event>.stop` or, when an error leaves it, `<event>.exception`.

    The last two measure `duration`, in seconds. The error goes on its way.
    """
    return Span(event, metadata)


_tracer: Callable[[], str] | None = None


def use_tracer(tracer: Callable[[], str] | None) -> None:
    """Who knows the `traceparent` of what is under way: `traces.py`, as long as somebody collects traces."""
    global _tracer  # noqa: PLW0603 - the one place a process keeps it
    _tracer = tracer


def traceparent() -> str:
    """The span under way as others can be told of it, to link to it later; nothing where nobody collects traces.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    return "" if _tracer is None else _tracer()


class _Names(dict[str, tuple[str, str, str]]):
    """The names of a span's events, by its own; a dictionary, as every span asks it."""

    def __missing__(self, event: str) -> tuple[str, str, str]:
        names = self[event] = f"{event}.start", f"{event}.stop", f"{event}.exception"
        return names


_NAMES = _Names()
