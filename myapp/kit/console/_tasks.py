"""What the tasks of a process wait for."""

from __future__ import annotations

import asyncio
import linecache
from types import FrameType
from typing import Any

from myapp.kit.supervisor import child_of, frames, place, stands_at


def tasks() -> str:
    """Every task of this loop: its name, what it runs, the line at which it waits, and the child that began it."""
    rows = [(task.get_name(), _called(task), stands_at(task), child_of(task)) for task in asyncio.all_tasks()]
    widths = [min(60, max((len(row[column]) for row in rows), default=0)) for column in (0, 1)]
    lines = [
        f"{name:{widths[0]}}  {called:{widths[1]}}  {where}" + (f"  ({child})" if child else "")
        for name, called, where, child in sorted(rows)
    ]
    return "\n".join([*lines, f"{len(rows)} tasks"])


def stack(name: str) -> str:
    """How the tasks of this name, or of which it is a part, came to where they wait."""
    shown: list[str] = []
    for task in asyncio.all_tasks():
        if name in task.get_name():
            shown += [f"{task.get_name()}: {_called(task)}", *(f"  {_with_code(frame)}" for frame in frames(task))]
    return "\n".join(shown) or f"no task is called {name}"


def _called(task: asyncio.Task[Any]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", task.get_coro()))


def _with_code(frame: FrameType) -> str:
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return place(frame) + (f"    {line}" if line else "")
