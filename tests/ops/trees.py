"""A supervision tree of a test's own, as the one that runs the process."""

from __future__ import annotations

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
