"""A supervision tree of a test's own, as the one that runs the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from myapp.kit import supervisor
from myapp.kit.supervisor import ChildSpec, Supervisor, supervised


class Teapot:
    """A child that says something of itself."""

    def details(self) -> dict[str, str]:
        return {"cups": "2"}


@asynccontextmanager
async def _pot() -> AsyncGenerator[Teapot]:
    yield Teapot()


@asynccontextmanager
async def grown() -> AsyncGenerator[Supervisor]:
    """`kettle`, and `table` with `table/pot` beneath it."""
    children = [ChildSpec("kettle", _pot), supervisor.nested("table", [ChildSpec("pot", _pot)])]
    async with supervised("tea", children) as root:
        with supervisor.as_root(root):
            yield root


async def pot_is_back(root: Supervisor) -> None:
    """Wait until `table/pot` was started anew."""
    async with asyncio.timeout(5):
        while (pot := root.tree()[1].children[0]).restarts == 0 or pot.state != "running":  # noqa: ASYNC110
            await asyncio.sleep(0)  # it tells nobody
