"""Redis dies under a server at work: the server says so, loses nothing, and is whole again by itself afterwards."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from myapp.kit import embedded_postgres
from tests.furnished import furnish
from tests.kit.between import Server, redis_server
from tests.phoenix.client import PhoenixClient, phoenix_client, phoenix_clients
from tests.serving import PATIENCE, Served, build_pages, clear_away

__all__ = ["phoenix_clients", "redis_server"]  # fixtures

ROOM = "SELECT id::text FROM chat_rooms WHERE slug = 'general' ORDER BY id LIMIT 1"


class Talk:
    """Two of the demonstration's people in a room; one speaks again and again, and keeps what was answered with ok."""

    def __init__(self, topic: str, speaker: PhoenixClient, listener: PhoenixClient) -> None:
        self._topic = topic
        self._speaker = speaker
        self._listener = listener
        self.stored: list[str] = []

    async def say(self) -> str:
        words = f"Words {uuid4()}"
        status, answer = await self._speaker.push(self._topic, "new_msg", {"body": words, "client_id": str(uuid4())})
        assert status == "ok", answer
        self.stored.append(words)
        return words

    async def hears(self, words: str) -> None:
        while (await self._listener.happens("message", topic=self._topic, event="new_msg"))["payload"]["body"] != words:
            pass


@pytest.fixture
async def served(redis_server: Server, tmp_path: Path) -> AsyncGenerator[Served]:
    await asyncio.to_thread(build_pages)
    server = Served(furnish(tmp_path / "data"), has_imported=True, REDIS_URL=redis_server.url)
    yield await asyncio.to_thread(server.answers)
    server.close()
    clear_away(tmp_path)


async def token_of(server: Served, username: str) -> str:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        who = {"email": f"{username}@demo.example", "password": "Demonstration1"}
        answer = await client.post("/api/v1/tokens", json=who)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["access_token"]


async def becomes_ready(server: Served, expected: Any) -> None:
    """Wait until `/health/ready` answers this."""
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        while (answer := (await client.get("/health/ready")).json()) != expected:
            await asyncio.sleep(0.1)
            assert answer["status"] in {"ok", "error"}


async def test_the_server_goes_on_without_redis_and_hears_of_everything_again_when_it_is_back(
    served: Served, redis_server: Server, phoenix_clients: None
):
    database = embedded_postgres.ensure(served.data_dir, database="myapp")
    with psycopg.connect(database) as connection:
        (room,) = connection.execute(ROOM).fetchone() or pytest.fail("there is no room")
    url = f"ws://127.0.0.1:{served.port}/socket"
    async with AsyncExitStack() as stack:
        clients: list[PhoenixClient] = []
        for username in ("ada", "mei"):
            client = await stack.enter_async_context(
                phoenix_client(url, "1.8", authToken=await token_of(served, username))
            )
            status, answer = await client.join(f"room:{room}")
            assert status == "ok", answer
            clients.append(client)
        talk = Talk(f"room:{room}", *clients)
        await talk.hears(await talk.say())
        await becomes_ready(served, {"status": "ok"})

        redis_server.stop(signal.SIGKILL)
        await becomes_ready(served, {"status": "error", "reason": "redis_unavailable"})
        for _ in range(5):
            await talk.say()
        assert served.get("/health/live").status_code == 200
        assert served.get("/").status_code == 200

        redis_server.start()
        await becomes_ready(served, {"status": "ok"})
        await talk.hears(await talk.say())
        with psycopg.connect(database) as connection:
            found = {body for (body,) in connection.execute("SELECT body FROM chat_messages WHERE body LIKE 'Words %'")}
        assert found == set(talk.stored)
    assert await asyncio.to_thread(served.stop) == 0
