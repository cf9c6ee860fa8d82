"""The actor that has the names of this process: one session of PostgreSQL, whose locks they are."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, LiteralString, override

import psycopg

from myapp.kit.names._claim import Claim, Holder
from myapp.kit.names._table import FREE, HOLDERS, TAKE, TRY, UNLOCK, WAS_LEFT
from myapp.kit.supervisor import Reply, Server

BEAT = 1.5  # seconds between two questions whether the session lives
LEASE = 5.0  # seconds after which one that has not answered is lost, and its names with it
STEP_DOWN = 3.0  # seconds that who has lost a name may take to stop what it did with it

log = logging.getLogger(__name__)

type Book = dict[str, Claim]
"""The claims of this process by name."""

_OPTIONS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""So that PostgreSQL notices within half a minute that a machine is gone, and frees its names."""


@dataclass(frozen=True, slots=True)
class Take:
    """Answered with True when it is held, with seconds to come back after, or with Taken or Unreachable."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Free:
    """Give it back."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody else has it."""

    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """PostgreSQL did not answer."""

    reason: str


class _Beat:
    """It is time to ask whether the session lives."""


class Registrar(Server[Book]):
    """Whatever it asks of PostgreSQL says that the session lives; what fails says that all names are lost."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.node = f"{socket.gethostname()}:{os.getpid()}"
        self._url = url
        self._book: Book = {}
        self._session: psycopg.AsyncConnection | None = None
        self._is_asking = False
        self._expiry: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    @override
    async def init(self) -> Book:
        return self._book

    @override
    async def handle_call(self, request: object, state: Book) -> Reply[Book]:
        match request:
            case Take(claim):
                return Reply(await self._grant(claim), state)
            case Free(claim):
                await self._free(claim)
                return Reply(None, state)
            case _:
                return await super().handle_call(request, state)

    @override
    async def handle_cast(self, request: object, state: Book) -> Book:
        match request:
            case Free(claim):
                await self._free(claim)
                return state
            case _:
                return self._unexpected("cast", request, state)

    @override
    async def handle_info(self, message: object, state: Book) -> Book:
        if not isinstance(message, _Beat):
            return self._unexpected("info", message, state)
        self._beat = None
        if state:
            with suppress(psycopg.Error, TimeoutError):
                await self._ask("SELECT 1")
        return state

    @override
    async def terminate(self, reason: BaseException | None, state: Book) -> None:
        """What is held now was not given back: its holder has to step down, so the rows say that it was left."""
        self._lose("this process names nobody any more")

    async def _grant(self, claim: Claim) -> object:
        other = self._book.get(claim.name)
        if claim.lost.done():
            return Unreachable("the session was lost meanwhile")
        if other is not None and other is not claim:
            return Taken(await self._holder(claim.name) if other.is_held else None)
        try:
            return await self._try(claim)
        except (psycopg.Error, TimeoutError) as error:
            return Unreachable(str(error) or "it did not answer in time")

    async def _try(self, claim: Claim) -> object:
        loop = asyncio.get_running_loop()
        if claim.waits_until is None:
            if await self._ask(TRY, name=claim.name) != [(True,)]:
                return Taken(await self._holder(claim.name))
            self._book[claim.name] = claim
            wait = LEASE + STEP_DOWN if await self._ask(WAS_LEFT, name=claim.name) else 0.0
            claim.waits_until = loop.time() + wait
        if (left := claim.waits_until - loop.time()) > 0:
            return left
        [(token,)] = await self._ask(TAKE, name=claim.name, node=self.node)
        if self._book.get(claim.name) is not claim:
            return Unreachable("the session was lost meanwhile")
        claim.get(token)
        return True

    async def _free(self, claim: Claim) -> None:
        if self._book.get(claim.name) is not claim:
            return
        is_held = claim.is_held
        claim.give_up()
        with suppress(psycopg.Error, TimeoutError):
            if is_held:
                await self._ask(FREE, name=claim.name, token=claim.token)
            await self._ask(UNLOCK, name=claim.name)
        if self._book.get(claim.name) is claim:
            del self._book[claim.name]

    async def _holder(self, name: str) -> Holder | None:
        with suppress(psycopg.Error, TimeoutError):
            for _, *holder in await self._ask(HOLDERS, names=[name]):
                return Holder(*holder)
        return None

    async def _ask(self, statement: LiteralString, **values: object) -> list[tuple[Any, ...]]:
        """Its rows. Raises psycopg.Error, TimeoutError: then all names are lost."""
        if self._session is None:
            self._session = await self._connect()
        session, asked = self._session, time.monotonic()
        self._is_asking = True
        try:
            async with asyncio.timeout(LEASE):
                cursor = await session.execute(statement, values)
                rows = await cursor.fetchall() if cursor.description else []
        except BaseException as error:
            self._lose(str(error).strip() or "its session does not answer")
            raise
        finally:
            self._is_asking = False
            if self._session is not session:
                session.pgconn.finish()
        if self._session is not session:
            raise psycopg.OperationalError("the session was lost meanwhile")
        self._lives(asked)
        return rows

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=5, application_name=f"names of {self.node}", options=_OPTIONS
        )

    def _lives(self, asked: float) -> None:
        """The session lived when this was asked: that is how long its names are ours for sure."""
        loop = asyncio.get_running_loop()
        self._cancel_expiry()
        self._expiry = loop.call_later(asked + LEASE - time.monotonic(), self._lose, "its session does not answer")
        if self._beat is None and self._book:
            self._beat = loop.call_later(BEAT, self.send, _Beat())

    def _lose(self, reason: str) -> None:
        """All names are lost: those who hold them hear of it now, and the session is over, also if it lives."""
        self._cancel_expiry()
        claims = list(self._book.values())
        self._book.clear()
        for claim in claims:
            claim.lose(reason)
        if claims:
            log.warning("names of this process are lost (%s): %s", ", ".join(each.name for each in claims), reason)
        session, self._session = self._session, None
        if session is not None and not self._is_asking:
            session.pgconn.finish()

    def _cancel_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
