"""What something holds, in bytes: an estimate for those who look, as Python keeps no account of it."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from myapp.kit.supervisor._actors import actors
from myapp.kit.supervisor._standing import steps

MOST = 20_000  # objects that are looked at
_NOT_ITS_OWN = (
    type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, CodeType, FrameType,
    asyncio.Future, asyncio.AbstractEventLoop,
)  # fmt: skip


class Held(NamedTuple):
    """So many bytes, or more where there was too much to look at."""

    size: int
    is_all: bool = True


def held(*roots: object, most: int = MOST) -> Held:
    """The size of these objects and of all that they refer to, each counted once.

    Not followed are classes, functions, modules, tasks, loops and other actors. What is shared with others is counted
    as if it were not. Attributes that Python keeps within an object are counted as the object's, buffers of libraries
    in C only as far as these tell.
    """
    others = {id(each) for each in actors()}
    seen: set[int] = set()
    size, waiting = 0, list(roots)
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or id(thing) in others or isinstance(thing, _NOT_ITS_OWN):
            continue
        if len(seen) >= most:
            return Held(size, is_all=False)
        seen.add(id(thing))
        size += sys.getsizeof(thing, 0)
        waiting += gc.get_referents(thing)
    return Held(size)


def size_of(task: asyncio.Task[Any]) -> int:
    """The frames of a task's coroutines with the values in them, but not what those refer to in turn."""
    things = {id(each): each for each in _parts(task)}
    return sum(sys.getsizeof(each, 0) for each in things.values() if not isinstance(each, _NOT_ITS_OWN))


def _parts(task: asyncio.Task[Any]) -> Iterable[object]:
    for coroutine, frame in steps(task):
        yield coroutine
        yield from frame.f_locals.values()
