"""The way between processes: two loops that outlive every loss of connection.

The sender takes what waits in a bounded queue and sends it in batches. What it cannot send is dropped, and once it can
send again it asks all other processes to resync. The receiver hands every line to the hub, whose subscribers resync
when the numbers say that something was missed: a connection that is lost while nothing happens costs nothing. In a
rolling deploy another version may send lines of another form: they are skipped, and subscribers told to read again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

from myapp.kit import lifetime
from myapp.kit.pubsub._hub import PubSub
from myapp.kit.pubsub._order import Position
from myapp.kit.pubsub._postgres import PostgresTransport
from myapp.kit.pubsub._redis import RedisTransport
from myapp.kit.pubsub._transport import Line, Transport, Unread
from myapp.kit.pubsub._verbs import hub_left_behind, use
from myapp.kit.supervisor import beside

log = logging.getLogger(__name__)

OUTBOX = 10_000
BATCH = 500
HELLO = 10.0  # seconds a starting process tries to connect
GOODBYE = 5.0  # seconds a stopping process tries to send what still waits
UNREAD = 5.0  # seconds within which lines that cannot be read are one reason to resync


class Link:
    """A hub's connection to the hubs of the other processes."""

    def __init__(self, hub: PubSub, transport: Transport, *, has_missed: bool = False) -> None:
        """The others are told to read everything again where `has_missed` says that they were not told of something."""
        self._hub = hub
        self._transport = transport
        self._outbox: asyncio.Queue[str] = asyncio.Queue(OUTBOX)
        self._dropped = has_missed
        self._reading_again: asyncio.TimerHandle | None = None

    def put(self, line: str) -> None:
        """Never waits."""
        try:
            self._outbox.put_nowait(line)
        except asyncio.QueueFull:
            self._drop()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Returns once this process has heard itself; on the way out, sends what waits."""
        try:
            async with beside(_again(self._receive), _again(self._send)):
                await self._wait_for_the_first_connection()
                self._hub.send = self.put
                yield
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._outbox.join(), GOODBYE)
        finally:
            self._hub.send = None
            if self._reading_again is not None:
                self._reading_again.cancel()
            self._hub.order.leave()
            await self._transport.close()

    async def _wait_for_the_first_connection(self) -> None:
        try:
            await asyncio.wait_for(self._hub.order.has_begun.wait(), HELLO)
        except TimeoutError:
            raise RuntimeError(f"PubSub reached no other process within {HELLO:.0f} s: the log says why") from None

    async def _receive(self, progress: Callable[[], None]) -> None:
        async with aclosing(self._transport.lines()) as lines:
            async for heard in lines:
                match heard:
                    case Line():
                        self._hub.receive(*heard)
                    case Unread():
                        self._skip()
                    case Position():
                        progress()
                        self._start(heard)

    def _start(self, position: Position) -> None:
        self._hub.start(position)
        if self._hub.order.has_begun.is_set():
            log.info("PubSub hears the other processes again")
        else:
            self.put(self._hub.hello_line())

    def _skip(self) -> None:
        """Whatever it said, somebody may have to read again: soon, and once for all that come meanwhile."""
        if self._reading_again is None:
            log.warning("PubSub skips what it cannot read: another version of the product seems to run beside this one")
            self._reading_again = asyncio.get_running_loop().call_later(UNREAD, self._read_again)

    def _read_again(self) -> None:
        self._reading_again = None
        self._hub.resync()

    def _drop(self) -> None:
        self._dropped = True
        self._hub.order.cut()

    async def _own_up(self) -> None:
        """What is dropped meanwhile is another time."""
        self._dropped = False
        lines = [self._hub.resync_line()]
        if not self._hub.order.has_begun.is_set():  # its first line may be what was dropped
            lines.append(self._hub.hello_line())
        try:
            await self._transport.send(lines)
        except BaseException:
            self._drop()
            raise

    async def _send(self, progress: Callable[[], None]) -> None:
        while True:
            if self._dropped:
                await self._own_up()
            progress()
            batch = [await self._outbox.get()]
            while len(batch) < BATCH and not self._outbox.empty():
                batch.append(self._outbox.get_nowait())
            try:
                await self._transport.send(batch)
            except BaseException:
                self._drop()
                raise
            finally:
                for _ in batch:
                    self._outbox.task_done()


async def _again(step: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
    """Run `step` for ever: after a failure wait a moment, longer each time until it reports progress again."""
    delay = 0.0

    def progress() -> None:
        nonlocal delay
        delay = 0.0

    while True:
        try:
            await step(progress)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises when its connection goes
            log.warning("PubSub lost its connection and tries again: %s", error)
        delay = min(delay * 2 or 0.05, 5.0)
        await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, hides nothing


@asynccontextmanager
async def connected(database_url: str, redis_url: str | None = None) -> AsyncGenerator[PubSub]:
    """The hub of this process, named to `use()`, and linked to the others through Redis when there is one.

    When it ends while the process goes on, as after a crash, the subscribers of this process still hear each other;
    the next one takes them over, and has everybody read again.
    """
    transport: Transport = RedisTransport(redis_url) if redis_url else PostgresTransport(database_url)
    hub, former = PubSub(), hub_left_behind()
    async with Link(hub, transport, has_missed=former is not None).running():
        use(hub)
        if former is not None:
            hub.take_over(former)
        try:
            yield hub
        finally:
            if lifetime.is_stopping():
                use(None)
            else:
                hub.has_ended = True
