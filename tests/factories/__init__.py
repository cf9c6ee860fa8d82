"""Rows for tests, with values that are unique and a will of their own only where a test says so."""

from __future__ import annotations

from collections.abc import Awaitable

from myapp.kit.repo import reading
from myapp.kit.scope import Scope

SYSTEM = Scope.system("a test")


async def within[T](read: Awaitable[T]) -> T:
    """What something gives that is for inside a transaction."""
    async with reading(SYSTEM):
        return await read
