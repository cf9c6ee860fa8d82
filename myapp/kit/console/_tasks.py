"""What the tasks of a process wait for."""

from __future__ import annotations

import asyncio
import linecache
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_HERE = Path(__file__).parents[3]


def tasks() -> str:
    """Every task of this loop: its name, what it runs, and the line at which it waits."""
    rows = [(task.get_name(), _called(task), _place(frames[-1]) if frames else "") for task, frames in _all()]
    widths = [min(60, max((len(row[column]) for row in rows), default=0)) for column in (0, 1)]
    lines = [f"{name:{widths[0]}}  {called:{widths[1]}}  {place}" for name, called, place in sorted(rows)]
    return "\n".join([*lines, f"{len(rows)} tasks"])


def stack(name: str) -> str:
    """How the tasks of this name, or of which it is a part, came to where they wait."""
    shown: list[str] = []
    for task, frames in _all():
        if name in task.get_name():
            shown += [f"{task.get_name()}: {_called(task)}", *(f"  {_place(frame, code=True)}" for frame in frames)]
    return "\n".join(shown) or f"no task is called {name}"


def _all() -> list[tuple[asyncio.Task[Any], list[FrameType]]]:
    return [(task, list(_frames(task.get_coro()))) for task in asyncio.all_tasks()]


def _called(task: asyncio.Task[Any]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", task.get_coro()))


def _frames(waiting: Any) -> Iterator[FrameType]:
    """From the outermost inwards: each coroutine knows what it waits for, where that is one itself."""
    while waiting is not None:
        frame = next(
            (found for name in ("cr_frame", "gi_frame", "ag_frame") if (found := getattr(waiting, name, None))), None
        )
        if frame is None:
            return
        yield frame
        waiting = next(
            (found for name in ("cr_await", "gi_yieldfrom", "ag_await") if (found := getattr(waiting, name, None))),
            None,
        )


def _place(frame: FrameType, *, code: bool = False) -> str:
    path = Path(frame.f_code.co_filename)
    shown = path.relative_to(_HERE) if path.is_relative_to(_HERE) else Path(*path.parts[-2:])
    line = linecache.getline(str(path), frame.f_lineno).strip() if code else ""
    return f"{shown}:{frame.f_lineno} in {frame.f_code.co_qualname}" + (f"    {line}" if line else "")
