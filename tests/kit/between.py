"""The two ways between processes, PostgreSQL alone and a Redis of the tests' own, and how each is lost."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psycopg
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from myapp.kit.pubsub import Position, _postgres, _redis
from myapp.kit.pubsub._postgres import PostgresTransport
from myapp.kit.pubsub._redis import RedisTransport
from myapp.kit.pubsub._transport import Line, Transport


@dataclass
class Server:
    """Where a Redis of the tests' own answers; it can be stopped and started again."""

    folder: Path
    process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("there is no redis-server on this machine")
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(self.folder / "redis.sock"),
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = Popen([program, *options, "--logfile", "redis.log"])
        with Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except NotThere:
                    assert self.process.poll() is None
                else:
                    return

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@dataclass
class Between:
    """One of the two ways between processes."""

    database_url: str
    redis: Server | None = None

    @property
    def urls(self) -> list[str]:
        return [self.database_url, *([self.redis.url] if self.redis else [])]

    def transport(self) -> Transport:
        return RedisTransport(self.redis.url) if self.redis else PostgresTransport(self.database_url)

    async def cut(self) -> None:
        """End every connection, as a server that restarts does."""
        if self.redis is not None:
            with Redis.from_url(self.redis.url) as client:
                client.client_kill_filter(_type="pubsub")
                client.client_kill_filter(_type="normal", skipme=True)
            return
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            await connection.execute(
                """SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database()
                   AND query LIKE '%pubsub_numbers%' AND pid <> pg_backend_pid()"""
            )

    async def loses_its_numbers(self) -> None:
        """What gives the numbers forgets them, as after a crash, though every connection stays."""
        if self.redis is not None:
            with Redis.from_url(self.redis.url) as client:
                client.flushall()
            return
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            await connection.execute("DELETE FROM pubsub_epochs")

    async def sends_raw(self, message: str) -> None:
        """What another version of the product says in its own form."""
        if self.redis is not None:
            with Redis.from_url(self.redis.url) as client:
                client.publish(_redis.CHANNEL, message)
            return
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            await connection.execute("SELECT pg_notify(%s, %s)", (_postgres.CHANNEL, message))

    @asynccontextmanager
    async def lost(self) -> AsyncGenerator[None]:
        """What carries the messages dies: Redis until the end of the block, PostgreSQL's connections once."""
        if self.redis is None:
            await self.cut()
            yield
        else:
            self.redis.stop(signal.SIGKILL)
            yield
            self.redis.start()


class Loop:
    """A transport of one process: what it sends comes back while it is well."""

    def __init__(self) -> None:
        self.position = Position("e", 0)
        self.sends = self.returns = True
        self._lines: asyncio.Queue[Line] = asyncio.Queue()
        self._sent: asyncio.Queue[str] = asyncio.Queue()

    async def lines(self) -> AsyncGenerator[Position | Line]:
        yield self.position
        while True:
            yield await self._lines.get()

    async def send(self, lines: list[str]) -> None:
        """Fails once, after `sends` was set to False."""
        if not self.sends:
            self.sends = True
            raise ConnectionResetError
        for line in lines:
            self.position = Position("e", self.position.seq + 1)
            self._sent.put_nowait(line)
            if self.returns:
                self._lines.put_nowait(Line(self.position, line))

    async def has_sent(self, text: str) -> list[str]:
        """Wait for a line with this text; the lines up to it."""
        lines = [await asyncio.wait_for(self._sent.get(), 10)]
        while text not in lines[-1]:
            lines.append(await asyncio.wait_for(self._sent.get(), 10))
        return lines

    async def close(self) -> None: ...


@pytest.fixture(params=["postgres", "redis"])
def between(request: pytest.FixtureRequest, real_db: str) -> Between:
    return Between(real_db, request.getfixturevalue("redis_server") if request.param == "redis" else None)
