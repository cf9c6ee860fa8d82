"""Where a task stands, and whose it is."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, cast

_HERE = Path(__file__).parents[3]
_OURS = _HERE / "myapp"
_PLUMBING = Path(__file__).parent
_PYTHONS = {Path(asyncio.__file__).parent, Path(contextlib.__file__).parent}

current_child: ContextVar[str] = ContextVar("child", default="")
"""The path of the child within which the code runs: the tasks that it begins inherit it."""


def child_of(task: asyncio.Task[Any]) -> str:
    """The path of the child that began it, "" where none did, as for a request."""
    return task.get_context().get(current_child, "")


def frames(waiting: Any) -> list[FrameType]:
    """Of a coroutine or a task, from the outermost inwards: each knows what it waits for, where that is one itself."""
    return list(_inwards(cast("Any", waiting).get_coro() if isinstance(waiting, asyncio.Task) else waiting))


def place(frame: FrameType) -> str:
    """`myapp/kit/scheduler.py:151 in Scheduler.watch_clock`."""
    path = Path(frame.f_code.co_filename)
    shown = path.relative_to(_HERE) if path.is_relative_to(_OURS) else Path(*path.parts[-2:])
    return f"{shown}:{frame.f_lineno} in {frame.f_code.co_qualname}"


def stands_at(waiting: Any) -> str:
    """The innermost line of the product, else of what is not Python's own; "" where nothing in Python waits."""
    found = [(Path(each.f_code.co_filename), each) for each in frames(waiting)]
    ours = [each for path, each in found if path.is_relative_to(_OURS) and path.parent != _PLUMBING]
    others = [each for path, each in found if path.parent not in _PYTHONS]
    best = ours or others or [each for _, each in found]
    return place(best[-1]) if best else ""


_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITS = ("cr_await", "gi_yieldfrom", "ag_await")
_AROUND = {"async_generator_asend", "async_generator_athrow", "anext_awaitable", "coroutine_wrapper"}
"""What stands between one that waits and what it waits for, and does not say whose it is."""


def _inwards(waiting: Any) -> Iterator[FrameType]:
    while waiting is not None:
        if type(waiting).__name__ in _AROUND:
            waiting = next((each for each in gc.get_referents(waiting) if _first(each, _FRAMES)), None)
        frame = _first(waiting, _FRAMES)
        if frame is None:
            return
        yield frame
        waiting = _first(waiting, _AWAITS)


def _first(thing: Any, names: tuple[str, ...]) -> Any:
    return next((found for name in names if (found := getattr(thing, name, None)) is not None), None)
