"""Processes of their own that hold names, and when each did."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests import peers

LEASE, STEP_DOWN = 1.5, 1.5
PATIENCE = 60.0


class Said(NamedTuple):
    """One line of a process."""

    peer: int
    at: float
    verb: str
    name: str
    rest: list[str]


class Spell(NamedTuple):
    """From when until when a process held a name."""

    since: float
    until: float
    token: int


class Peer:
    """`tests/kit/names_peer.py`, started anew after each `kill`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: peers.Peer | None = None
        self._news = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self.said: list[Said] = []
        self.node = ""

    async def start(self) -> None:
        self._process = await peers.start("tests.kit.names_peer", self._url, str(LEASE), str(STEP_DOWN))
        before = len(self.said)
        self._reading = asyncio.create_task(self._read(self._process))
        self.node = (await self._hears("ready", before)).name

    def tell(self, verb: str, name: str) -> None:
        assert self._process is not None
        self._process.stdin.write(f"{verb} {name}\n".encode())

    async def does(self, verb: str, name: str, answer: str) -> list[str]:
        """Tell it, and wait for this answer; it is told again while it answers with another."""
        async with asyncio.timeout(PATIENCE):
            while True:
                before = len(self.said)
                self.tell(verb, name)
                said = await self._hears("", before)
                while said.verb == "freed":
                    before += 1
                    said = await self._hears("", before)
                if said.verb == answer:
                    return said.rest

    async def stand_still(self, seconds: float) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """At once, and take in what it said before."""
        assert self._process is not None
        assert self._reading is not None
        self._process.kill()
        await self._process.wait()
        await self._reading
        self.said.append(Said(id(self), time.monotonic(), "killed", "", []))

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    async def _read(self, process: peers.Peer) -> None:
        while (line := await process.stdout.readline()).endswith(b"\n"):  # its last words may be cut off
            at, verb, name, *rest = line.decode().split()
            async with self._news:
                self.said.append(Said(id(self), float(at), verb, name, rest))
                self._news.notify_all()

    async def _hears(self, verb: str, after: int) -> Said:
        def found() -> Said | None:
            return next((each for each in self.said[after:] if verb in {"", each.verb}), None)

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: found() is not None)
        said = found()
        assert said is not None
        return said


@asynccontextmanager
async def peer(url: str) -> AsyncGenerator[Peer]:
    peer = Peer(url)
    await peer.start()
    try:
        yield peer
    finally:
        await peer.close()


def spells(said: Sequence[Said], name: str) -> list[Spell]:
    """When somebody held the name, by time: until it was lost, given back, or its process was dead."""
    begun: dict[int, Said] = {}
    found: list[Spell] = []
    for each in sorted(said, key=lambda one: one.at):
        if each.verb == "held" and each.name == name:
            assert each.peer not in begun
            begun[each.peer] = each
        elif (each.verb == "killed" or (each.name == name and each.verb in {"lost", "freed"})) and each.peer in begun:
            since = begun.pop(each.peer)
            found.append(Spell(since.at, each.at, int(since.rest[0])))
    return sorted(found)
