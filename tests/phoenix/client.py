"""Phoenix's own JavaScript client in Node, led from a test.

async with phoenix_client(url, "1.8", user="ada") as ada:
    assert await ada.join("room:1", name="Ada") == ("ok", {…})
    await ada.push("room:1", "say", {"text": "hi"})
    assert await ada.heard("room:1") == ("said", {…})
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Literal, cast, override

import pytest

from myapp import toolchain
from myapp.config import ROOT
from tests.npm import environment, installed

type Version = Literal["1.7", "1.8"]

HERE = Path(__file__).parent
STREAM = ROOT / "myapp" / "web" / "live" / "browser" / "stream_topic.js"
PATIENCE = 20.0  # seconds on a machine that runs four tests at once; more than the client has by itself


class Node(asyncio.SubprocessProtocol):
    """The one process that plays all clients of a worker; it is started by the first and ends with the run."""

    running: ClassVar[Node | None] = None

    def __init__(self) -> None:
        self.clients: dict[str, PhoenixClient] = {}
        self._numbers = count()
        self._transport: asyncio.SubprocessTransport | None = None
        self._half_said = b""
        self._has_ended = asyncio.Event()

    @classmethod
    async def start(cls) -> Node:
        """The one that runs, or a new one."""
        if cls.running is None:
            folder = await asyncio.to_thread(installed, HERE, "driver.mjs")
            command = [str(toolchain.programs_folder() / "node"), "driver.mjs"]
            opening = asyncio.get_running_loop().subprocess_exec(
                cls, *command, cwd=folder, env=environment(), stderr=None
            )
            transport, cls.running = await opening
            cls.running._transport = transport
        return cls.running

    @classmethod
    async def stop(cls) -> None:
        node, cls.running = cls.running, None
        if node is not None and node._transport is not None:
            _stdin(node._transport).close()
            await node._has_ended.wait()
            node._transport.close()

    def new_client(self) -> PhoenixClient:
        name = str(next(self._numbers))
        client = self.clients[name] = PhoenixClient(name, self)
        return client

    def send(self, command: Mapping[str, object]) -> None:
        assert self._transport is not None
        _stdin(self._transport).write(json.dumps(command).encode() + b"\n")

    @override
    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, self._half_said = (self._half_said + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if (client := self.clients.get(said.pop("client"))) is not None:
                client.take_in(said)

    @override
    def process_exited(self) -> None:
        Node.running = None
        self._has_ended.set()


def _stdin(transport: asyncio.SubprocessTransport) -> asyncio.WriteTransport:
    return cast("asyncio.WriteTransport", transport.get_pipe_transport(0))


class PhoenixClient:
    """One `Socket` of the client, with its channels."""

    def __init__(self, name: str, node: Node) -> None:
        self.name = name
        self._node = node
        self._answers: dict[int, asyncio.Future[tuple[str, Any]]] = {}
        self._happenings: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def join(self, topic: str, **params: object) -> tuple[str, Any]:
        """The status and the response of the first answer."""
        return await self._ask("join", topic=topic, params=params)

    async def push(self, topic: str, event: str, payload: object = None) -> tuple[str, Any]:
        """The status and the response; bytes come back as bytes."""
        if isinstance(payload, bytes):
            return await self._ask("push", topic=topic, event=event, bytes=base64.b64encode(payload).decode())
        return await self._ask("push", topic=topic, event=event, payload=payload or {})

    async def tell(self, topic: str, event: str, payload: object = None) -> None:
        """Push what is not answered."""
        self.do("push", id=0, topic=topic, event=event, payload=payload or {})

    async def leave(self, topic: str) -> tuple[str, Any]:
        return await self._ask("leave", topic=topic)

    async def follow_presence(self, topic: str) -> None:
        """Keep a `Presence` of a channel, best before it is joined; `happens("presence")` brings each of its lists."""
        self.do("presence", topic=topic)

    def follow(self, topic: str) -> None:
        """Keep a list as our pages do, with their own script; see `shows`."""
        self.do("follow", topic=topic, script=STREAM.as_uri())

    async def joins(self, topic: str) -> list[tuple[str, str | None]]:
        """What the next answer to a join of such a list brings: operations, with the titles of their rows."""
        ops: list[list[Any]] = (await self.happens("joined", topic=topic))["ops"]
        return [(name, title) for name, title in ops]

    async def shows(self, topic: str, titles: Sequence[str]) -> None:
        """Wait until the list has these rows, none of which is ever there twice."""
        while True:
            shown: list[str] = (await self.happens("rows", topic=topic))["titles"]
            assert len(set(shown)) == len(shown)
            if shown == list(titles):
                return

    async def heard(self, topic: str) -> tuple[str, Any]:
        """The next message on a topic: its event and its payload."""
        what = await self.happens("message", topic=topic)
        return what["event"], _bytes_in(what["payload"])

    async def happens(self, what: str, **more: object) -> dict[str, Any]:
        """The next thing of this kind; those before it of other kinds are kept."""
        wanted = {"happened": what, **more}
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for index, each in enumerate(self._happenings):
                        if each.items() >= wanted.items():
                            return self._happenings.pop(index)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pytest.fail(f"{wanted} did not happen, but {self._happenings}")

    async def _ask(self, act: str, **command: object) -> tuple[str, Any]:
        answer = asyncio.get_running_loop().create_future()
        number = len(self._answers) + 1
        self._answers[number] = answer
        self.do(act, id=number, **command)
        return await asyncio.wait_for(answer, PATIENCE)

    def do(self, act: str, **command: object) -> None:
        """Give the client a command of `driver.mjs`."""
        self._node.send({"client": self.name, "do": act, **command})

    def take_in(self, said: dict[str, Any]) -> None:
        """What the client says."""
        if "happened" in said:
            self._happenings.append(said)
            self._news.set()
        elif (answer := self._answers.get(said["id"])) is not None and not answer.done():
            answer.set_result((said["status"], _bytes_in(said["response"])))


def _bytes_in(payload: Any) -> Any:
    match payload:
        case {"bytes": str(encoded)}:
            return base64.b64decode(encoded)
        case _:
            return payload


@asynccontextmanager
async def phoenix_client(url: str, version: Version, **params: str) -> AsyncGenerator[PhoenixClient]:
    """A client that has connected. `url` is without "/websocket"; `authToken` among the params is sent as such."""
    node = await Node.start()
    client = node.new_client()
    client.do("open", url=url, version=version, params=params)
    try:
        await client.happens("open")
        yield client
    finally:
        if Node.running is node:
            client.do("close")
            await client.happens("gone")
        del node.clients[client.name]


@pytest.fixture(scope="session")
async def phoenix_clients() -> AsyncGenerator[None]:
    """Ends what plays the clients, after the last test; whatever serves them asks for it."""
    yield
    await Node.stop()
