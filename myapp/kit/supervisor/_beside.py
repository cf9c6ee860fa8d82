"""Loops that a child runs beside what it offers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from myapp.kit.supervisor._spec import Killed


@asynccontextmanager
async def beside(*loops: Coroutine[Any, Any, object]) -> AsyncGenerator[None]:
    """Run endless loops until the end of the block. One that ends, however it ends, is an error of the block.

    async with beside(self._receive(), self._send()):
        yield
    """
    own: BaseException | None = None
    is_over = False

    async def endless(loop: Coroutine[Any, Any, object]) -> None:
        name = getattr(loop, "__qualname__", "a loop")
        try:
            await loop
        except asyncio.CancelledError:
            if is_over:
                raise
            raise Killed(f"{name} was killed") from None
        if not is_over:
            raise RuntimeError(f"{name} has ended, and nothing does its work")

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(endless(loop)) for loop in loops]
            try:
                yield
            except BaseException as error:
                own = error
                raise
            finally:
                is_over = True
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as failed:
        if own is not None and not isinstance(own, asyncio.CancelledError):
            raise own from None
        raise (failed.exceptions[0] if len(failed.exceptions) == 1 else failed) from None
    finally:
        for loop in loops:
            loop.close()  # one whose task was cancelled before its first turn was never begun
