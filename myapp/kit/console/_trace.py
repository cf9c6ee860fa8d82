"""Who calls a function, with what, and what comes of it: watched for some seconds, by `sys.monitoring` (PEP 669).

Only that one function is slowed down, and by nothing when it is over.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import reprlib
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import reduce
from types import CodeType
from typing import Any

from myapp.kit import logs

MOST = 1000  # calls and outcomes that are noted
_TOOL = sys.monitoring.DEBUGGER_ID
_EVENTS = sys.monitoring.events


async def trace(function: str | Callable[..., Any], seconds: float = 5.0) -> str:
    """Its calls during so many seconds. It is named as "myapp.blog.posts.writing:create_post", or given itself.

    Raises RuntimeError while another trace, or a debugger, is at work.
    """
    watched = _Watched(_code_of(function))
    with watched.on():
        await asyncio.sleep(seconds)
    return "\n".join([*watched.lines, f"{watched.calls} calls of {watched.code.co_qualname} in {seconds:g} s"])


class _Watched:
    """A function, and what has come of its calls."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.lines: list[str] = []
        self.calls = 0
        self._began = time.perf_counter()

    @contextmanager
    def on(self) -> Generator[None]:
        monitoring = sys.monitoring
        try:
            monitoring.use_tool_id(_TOOL, "myapp attach")
        except ValueError:
            raise RuntimeError("something is being traced already") from None
        callbacks: dict[int, Callable[..., object]] = {
            _EVENTS.PY_START: self._on_start,
            _EVENTS.PY_RETURN: self._on_return,
            _EVENTS.PY_UNWIND: self._on_unwind,
        }
        try:
            for event, callback in callbacks.items():
                monitoring.register_callback(_TOOL, event, callback)
            monitoring.set_local_events(_TOOL, self.code, _EVENTS.PY_START | _EVENTS.PY_RETURN)
            monitoring.set_events(_TOOL, _EVENTS.PY_UNWIND)  # that one is told of all code, or of none
            yield
        finally:
            monitoring.set_events(_TOOL, _EVENTS.NO_EVENTS)
            monitoring.set_local_events(_TOOL, self.code, _EVENTS.NO_EVENTS)
            for event in callbacks:
                monitoring.register_callback(_TOOL, event, None)
            monitoring.free_tool_id(_TOOL)

    def _on_start(self, code: CodeType, _offset: int) -> None:
        self.calls += 1
        current = inspect.currentframe()
        frame = current.f_back if current else None
        if frame is None:
            return
        caller = frame.f_back
        by = f"    by {caller.f_code.co_qualname}:{caller.f_lineno}" if caller else ""
        arguments = inspect.getargvalues(frame)
        given = ", ".join(f"{name}={_short(arguments.locals.get(name))}" for name in arguments.args)
        self._note(f"{code.co_qualname}({given}){by}")

    def _on_return(self, _code: CodeType, _offset: int, value: object) -> None:
        self._note(f"  → {_short(value)}")

    def _on_unwind(self, code: CodeType, _offset: int, error: BaseException) -> None:
        if code is self.code:
            self._note(f"  × {_short(error)}")

    def _note(self, words: str) -> None:
        if len(self.lines) < MOST:
            self.lines.append(f"{time.perf_counter() - self._began:8.3f} s  {logs.without_secrets(words)}")


def _short(thing: object) -> str:
    try:
        return reprlib.repr(thing)
    except Exception as error:  # noqa: BLE001 - whatever a `repr` does, the product goes on
        return f"<{type(thing).__name__}: {type(error).__name__}>"


def _code_of(function: str | Callable[..., Any]) -> CodeType:
    """Of the function beneath decorators and, of a state's handler, beneath Reflex's."""
    found: Any = function
    if isinstance(function, str):
        module, _, name = function.partition(":")
        found = reduce(getattr, name.split("."), importlib.import_module(module))
    found = inspect.unwrap(getattr(found, "fn", found))
    code = getattr(found, "__code__", None)
    if not isinstance(code, CodeType):
        raise TypeError(f"{function!r} is no function written in Python")
    return code
