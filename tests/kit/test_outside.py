"""Calls to a real server that fails, hangs, refuses, talks too much, and recovers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from myapp.kit import circuit_breaker, outside, telemetry
from myapp.kit.circuit_breaker import State
from myapp.kit.errors import RateLimited, Unavailable
from myapp.kit.outside import AnswerTooLarge, OutOfOrder, Service
from myapp.kit.rate_limit import OwnWindows
from myapp.kit.rate_limit import use as use_windows

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
type Behaviour = Callable[[Streams], Awaitable[None]]


def says(status: int, body: bytes = b"", *headers: str) -> Behaviour:
    async def answer(streams: Streams) -> None:
        lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", *headers]
        streams[1].write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await streams[1].drain()

    return answer


async def hangs(streams: Streams) -> None:
    await streams[0].read()  # until the caller has gone


async def hangs_up(streams: Streams) -> None:
    streams[1].close()


async def drips(streams: Streams) -> None:
    streams[1].write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not streams[1].is_closing():
        streams[1].write(b".")
        await asyncio.sleep(0.001)


async def never_ends(streams: Streams) -> None:
    streams[1].write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not streams[1].is_closing():
        streams[1].write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await asyncio.sleep(0)


@dataclass
class Server:
    """Does what it is told with each request in turn, and the last of it with all that follow."""

    plan: deque[Behaviour] = field(default_factory=lambda: deque([says(200)]))
    requests: list[str] = field(default_factory=list[str])
    connections: int = 0
    port: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def will(self, *behaviours: Behaviour) -> None:
        self.plan = deque(behaviours)

    async def had(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: len(self.requests) >= count)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        try:
            while head := await self._head(reader):
                async with self.news:
                    self.requests.append(head)
                    self.news.notify_all()
                behaviour = self.plan.popleft() if len(self.plan) > 1 else self.plan[0]
                await behaviour((reader, writer))
        except ConnectionError:
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0]
        except asyncio.IncompleteReadError:
            return ""


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    server = Server()
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with outside.running():
        yield server
    listening.close()
    for writer in tuple(server.open):
        writer.close()
    await listening.wait_closed()


@pytest.fixture
def service(server: Server) -> Service:
    return Service(str(uuid4()), f"http://127.0.0.1:{server.port}", pause=0.001)


def state_of(service: Service) -> State:
    [stats] = [each for each in outside.stats() if each.name == service.name]
    return stats.breaker.state


async def test_an_answer(server: Server, service: Service) -> None:
    server.will(says(200, b'{"place": "Genoa"}', "X-Kind: place"))
    answer = await outside.call(service, "GET", "/search", params={"q": "Genova & co"})
    assert (answer.is_ok, answer.json(), answer.headers["x-kind"]) == (True, {"place": "Genoa"}, "place")
    assert server.requests == ["GET /search?q=Genova+%26+co HTTP/1.1"]


async def test_what_may_be_repeated_is_tried_again(server: Server, service: Service) -> None:
    server.will(says(503), hangs_up, says(200))
    assert (await outside.call(service, "GET", "/")).is_ok
    assert len(server.requests) == 3


async def test_but_not_for_ever(server: Server, service: Service) -> None:
    server.will(says(503))
    with pytest.raises(OutOfOrder) as error:
        await outside.call(service, "PUT", "/")
    assert error.value.answer is not None
    assert error.value.answer.status == 503
    assert len(server.requests) == 3


@pytest.mark.parametrize("behaviour", [says(503), hangs_up])
async def test_what_may_not_be_repeated_is_tried_once(server: Server, service: Service, behaviour: Behaviour) -> None:
    server.will(behaviour)
    with pytest.raises(OutOfOrder):
        await outside.call(service, "POST", "/orders", json={"book": 1})
    assert len(server.requests) == 1


async def test_unless_it_says_that_it_may(server: Server, service: Service) -> None:
    server.will(says(503), says(201))
    answer = await outside.call(service, "POST", "/", repeatable=True, headers={"Idempotency-Key": "1"})
    assert answer.status == 201


async def test_an_answer_that_says_no_is_an_answer(server: Server, service: Service) -> None:
    server.will(says(404))
    for _ in range(6):
        assert (await outside.call(service, "GET", "/")).status == 404
    assert state_of(service) is State.CLOSED


async def test_the_pause_that_the_service_asks_for_is_kept_or_not_waited_for(server: Server, service: Service) -> None:
    server.will(says(503, b"", "Retry-After: 3600"), says(200))
    with pytest.raises(OutOfOrder) as error:
        await outside.call(service, "GET", "/")
    assert error.value.retry_after == 3600
    assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [hangs, drips])
async def test_who_hangs_is_left_in_time(server: Server, service: Service, behaviour: Behaviour) -> None:
    server.will(behaviour)
    with pytest.raises(OutOfOrder, match="at the moment") as error:
        await outside.call(replace(service, timeout=0.1), "GET", "/")
    assert error.value.why == "no answer in 0.1 s"


async def test_who_talks_without_end_is_left(server: Server, service: Service) -> None:
    server.will(never_ends)
    with pytest.raises(AnswerTooLarge):
        await outside.call(replace(service, most_bytes=5000), "GET", "/")
    assert len(server.requests) == 1


async def test_who_refuses_is_out_of_order(service: Service) -> None:
    nobody = replace(service, url="http://127.0.0.1:1")
    with pytest.raises(OutOfOrder, match="at the moment"):
        await outside.call(nobody, "GET", "/")


async def test_a_redirect_is_not_followed(server: Server, service: Service) -> None:
    server.will(says(302, b"", "Location: http://169.254.169.254/latest/meta-data/"))
    assert (await outside.call(service, "GET", "/")).status == 302
    assert len(server.requests) == 1


async def test_after_five_failures_it_is_left_alone_until_it_recovers(server: Server, service: Service) -> None:
    server.will(says(500))
    for _ in range(5):
        with pytest.raises(OutOfOrder):
            await outside.call(service, "POST", "/")
    server.will(says(200))
    for _ in range(20):
        with pytest.raises(Unavailable) as refused:
            await outside.call(service, "POST", "/")
        assert 50 < refused.value.retry_after <= 60
    assert len(server.requests) == 5
    assert state_of(service) is State.OPEN

    [breaker] = [each for each in circuit_breaker._living if each.name == service.name]
    clock = breaker.clock
    breaker.clock = lambda: clock() + 60
    assert (await outside.call(service, "POST", "/")).is_ok
    assert state_of(service) is State.CLOSED


async def test_who_hangs_is_left_alone_as_well(server: Server, service: Service) -> None:
    server.will(hangs)
    for _ in range(5):
        with pytest.raises(OutOfOrder):
            await outside.call(replace(service, timeout=0.01), "POST", "/")
    assert state_of(service) is State.OPEN


async def test_who_goes_while_it_is_called_proves_nothing(server: Server, service: Service) -> None:
    server.will(hangs)
    calls = [asyncio.create_task(outside.call(service, "GET", "/")) for _ in range(9)]
    await server.had(9)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    [stats] = [each for each in outside.stats() if each.name == service.name]
    assert (stats.breaker.state, stats.attempts, stats.failures, stats.under_way) == (State.CLOSED, 9, 0, 0)


async def test_no_more_calls_a_minute_than_agreed(server: Server, service: Service) -> None:
    use_windows(OwnWindows())
    for _ in range(60):
        await outside.call(service, "GET", "/")
    with pytest.raises(RateLimited) as refused:
        await outside.call(service, "GET", "/")
    assert refused.value.retry_after <= 60
    assert len(server.requests) == 60
    assert server.connections == 1


async def test_connections_are_pooled_up_to_a_hundred(server: Server, service: Service) -> None:
    server.will(hangs)
    many = replace(service, per_minute=1000)
    calls = [asyncio.create_task(outside.call(many, "GET", "/")) for _ in range(130)]
    await server.had(100)
    for _ in range(50):
        await asyncio.sleep(0)
    assert server.connections == 100
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_telemetry_is_told(server: Server, service: Service) -> None:
    told: list[tuple[str, str | None]] = []
    names = ["outside.call.stop", "outside.call.exception"]
    telemetry.attach("test", names, lambda name, _, data: told.append((name, data.get("outcome") or data.get("error"))))
    try:
        await outside.call(service, "GET", "/")
        server.will(says(500))
        with pytest.raises(OutOfOrder):
            await outside.call(service, "POST", "/")
    finally:
        telemetry.detach("test")
    assert told == [("outside.call.stop", "2xx"), ("outside.call.exception", "OutOfOrder")]


async def test_nobody_calls_before_it_is_started(service: Service) -> None:
    outside.use(None)
    with pytest.raises(RuntimeError, match="not started"):
        await outside.call(service, "GET", "/")
