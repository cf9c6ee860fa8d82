"""One process of all, for as long as it lives: what must be done once per cluster is done by who leads."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from myapp.kit.names._claim import Claim, NamesUnreachable, NameTaken
from myapp.kit.names._verbs import ask_for, release
from myapp.kit.supervisor import beside

RETRY = 2.0  # seconds, more or less, after which one that does not lead asks again


class Candidate:
    """Stands for a name until the end of `standing_for`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._claim: Claim | None = None
        self._has_answer = asyncio.Event()

    async def leads(self) -> bool:
        """Whether this process does, as far as is known; the first time once it was asked for."""
        await self._has_answer.wait()
        return self._claim is not None and self._claim.is_held

    async def stand(self) -> None:
        """For ever: ask for the name, hold it until it is lost, and ask again."""
        while True:
            claim = self._claim = Claim(self._name)
            try:
                while seconds := await ask_for(claim):
                    self._has_answer.set()
                    await asyncio.sleep(seconds)
                self._has_answer.set()
                await asyncio.wait({claim.lost})
            except (NameTaken, NamesUnreachable):
                self._has_answer.set()
            await asyncio.sleep(RETRY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load

    async def resign(self) -> None:
        """Let another process lead."""
        if self._claim is not None:
            await release(self._claim)


@asynccontextmanager
async def standing_for(name: str) -> AsyncGenerator[Candidate]:
    """Hold the name whenever nobody else does, until the end of the block."""
    candidate = Candidate(name)
    try:
        async with beside(candidate.stand()):
            yield candidate
    finally:
        await asyncio.shield(candidate.resign())
