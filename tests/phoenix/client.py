"""Phoenix's own JavaScript client in Node, led from a test.

async with phoenix_client(url, "1.8", user="ada") as ada:
    assert await ada.join("room:1", name="Ada") == ("ok", {…})
    await ada.push("room:1", "say", {"text": "hi"})
    assert await ada.heard("room:1") == ("said", {…})
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from myapp import toolchain
from myapp.config import ROOT

type Version = Literal["1.7", "1.8"]

HERE = Path(__file__).parent
INSTALLED = ROOT / ".data" / "tests" / "phoenix"
PATIENCE = 10.0  # seconds on a machine that runs four tests at once


def install() -> Path:
    """The folder with the clients, as the lock says, installed once a checkout."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / "package-lock.json").read_bytes()
        done = INSTALLED / "done"
        if not done.exists() or done.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                (INSTALLED / name).write_bytes((HERE / name).read_bytes())
            command = [str(toolchain.programs_folder() / "npm"), "ci", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=INSTALLED, env=_environment(), check=True, capture_output=True, timeout=120)
            done.write_bytes(wanted)
        (INSTALLED / "driver.mjs").write_bytes((HERE / "driver.mjs").read_bytes())
    return INSTALLED


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{toolchain.programs_folder()}{os.pathsep}{os.environ['PATH']}"}


class PhoenixClient:
    """One `Socket` of the client, with its channels."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers: dict[int, asyncio.Future[tuple[str, Any]]] = {}
        self._happenings: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def join(self, topic: str, **params: object) -> tuple[str, Any]:
        """The status and the response of the first answer."""
        return await self._ask(do="join", topic=topic, params=params)

    async def push(self, topic: str, event: str, payload: object = None) -> tuple[str, Any]:
        """The status and the response; bytes come back as bytes."""
        if isinstance(payload, bytes):
            return await self._ask(do="push", topic=topic, event=event, bytes=base64.b64encode(payload).decode())
        return await self._ask(do="push", topic=topic, event=event, payload=payload or {})

    async def tell(self, topic: str, event: str, payload: object = None) -> None:
        """Push what is not answered."""
        await self._send(id=0, do="push", topic=topic, event=event, payload=payload or {})

    async def leave(self, topic: str) -> tuple[str, Any]:
        return await self._ask(do="leave", topic=topic)

    async def follow_presence(self, topic: str) -> None:
        """Keep a `Presence` of a channel, best before it is joined; `happens("presence")` brings each of its lists."""
        await self._send(do="presence", topic=topic)

    async def heard(self, topic: str) -> tuple[str, Any]:
        """The next message on a topic: its event and its payload."""
        what = await self.happens("message", topic=topic)
        return what["event"], _bytes_in(what["payload"])

    async def happens(self, what: str, **more: object) -> dict[str, Any]:
        """The next thing of this kind; those before it of other kinds are kept."""
        wanted = {"happened": what, **more}
        async with asyncio.timeout(PATIENCE):
            while True:
                for index, each in enumerate(self._happenings):
                    if each.items() >= wanted.items():
                        return self._happenings.pop(index)
                self._news.clear()
                await self._news.wait()

    async def _ask(self, **command: object) -> tuple[str, Any]:
        answer = asyncio.get_running_loop().create_future()
        number = len(self._answers) + 1
        self._answers[number] = answer
        await self._send(id=number, **command)
        return await asyncio.wait_for(answer, PATIENCE)

    async def _send(self, **command: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    async def listen(self) -> None:
        """Take in what the client says, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
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
    folder = await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        toolchain.programs_folder() / "node", "driver.mjs", url, version, json.dumps(params),
        cwd=folder, env=_environment(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22,
    )  # fmt: skip
    client = PhoenixClient(process)
    listening = asyncio.create_task(client.listen())
    try:
        await client.happens("open")
        yield client
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
        await listening
