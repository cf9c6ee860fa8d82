"""A background loop is its child's: when the one ends, so does the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from myapp.kit.supervisor import ChildSpec, beside, supervised
from tests.kit.supervisor.pieces import node, until


async def test_one_whose_background_loop_crashes_has_crashed() -> None:
    tasks: list[asyncio.Task[None] | None] = []

    async def loop() -> None:
        tasks.append(asyncio.current_task())
        await asyncio.Event().wait()

    @asynccontextmanager
    async def with_a_loop() -> AsyncGenerator[None]:
        async with beside(loop()):
            yield

    async with supervised("root", [ChildSpec("a", with_a_loop)]) as root:
        await until(lambda: tasks)
        assert tasks[0] is not None
        tasks[0].cancel()
        await until(lambda: node(root, "a").restarts == 1)
        assert node(root, "a").state == "running"
        assert "loop was killed" in str(node(root, "a").last_error)


@pytest.mark.parametrize("error", [KeyError("own"), RuntimeError("own")])
async def test_an_error_of_the_block_beside_loops_is_raised_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        async with beside(asyncio.Event().wait()):
            raise error
    assert raised.value is error


async def test_a_block_that_is_over_before_its_loops_begin_leaves_nothing_behind() -> None:
    async with beside(asyncio.Event().wait()):
        pass  # a coroutine that was never awaited would be an error


async def test_a_loop_that_ends_although_it_should_not_is_an_error() -> None:
    async def loop() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="loop has ended"):
        async with beside(loop()):
            await asyncio.Event().wait()
