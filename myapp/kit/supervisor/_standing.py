"""Where a task stands, and whose it is."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Literal, cast

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
    return [frame for _, frame in steps(waiting)]


def steps(waiting: Any) -> list[tuple[object, FrameType]]:
    """The same, each with the coroutine that it belongs to."""
    return list(_inwards(cast("Any", waiting).get_coro() if isinstance(waiting, asyncio.Task) else waiting))


def place(frame: FrameType) -> str:
    """`myapp/kit/scheduler.py:151 in Scheduler.watch_clock`."""
    return f"{_file(frame.f_code.co_filename)[0]}:{frame.f_lineno} in {frame.f_code.co_qualname}"


def stands_at(waiting: Any) -> str:
    """The innermost line of the product, else of what is not Python's own; "" where nothing in Python waits."""
    found: dict[str, FrameType] = {}
    for frame in frames(waiting):
        found[_file(frame.f_code.co_filename)[1]] = frame
    best = found.get("ours") or found.get("others") or found.get("plumbing") or found.get("python")
    return place(best) if best else ""


@lru_cache(4096)
def _file(name: str) -> tuple[str, Literal["ours", "plumbing", "python", "others"]]:
    """How a file is called, and whose it is."""
    path = Path(name)
    if path.is_relative_to(_OURS):
        return str(path.relative_to(_HERE)), "plumbing" if path.parent == _PLUMBING else "ours"
    return str(Path(*path.parts[-2:])), "python" if path.parent in _PYTHONS else "others"


_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITS = ("cr_await", "gi_yieldfrom", "ag_await")
_AROUND = {"async_generator_asend", "async_generator_athrow", "anext_awaitable", "coroutine_wrapper"}
"""What stands between one that waits and what it waits for, and does not say whose it is."""


def _inwards(waiting: Any) -> Iterator[tuple[object, FrameType]]:
    while waiting is not None:
        if type(waiting).__name__ in _AROUND:
            waiting = next((each for each in gc.get_referents(waiting) if _first(each, _FRAMES)), None)
        frame = _first(waiting, _FRAMES)
        if frame is None:
            return
        yield waiting, frame
        waiting = _first(waiting, _AWAITS)


def _first(thing: Any, names: tuple[str, ...]) -> Any:
    return next((found for name in names if (found := getattr(thing, name, None)) is not None), None)
