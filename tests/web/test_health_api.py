"""What those who watch are told of a process, and that it tells them nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from myapp.kit import health, lifetime
from myapp.myapp import api

type Break = Callable[[str, str], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Have a check of this name that is well, or fails with this text."""
    checks = health.Health()
    monkeypatch.setattr(health, "_health", checks)

    def register(name: str, failure: str = "") -> None:
        async def check() -> None:
            if failure:
                raise ConnectionError(failure)

        checks.register(name, check)

    return register


async def get(path: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://localhost") as client:
        return await client.request(method, path)


async def test_a_process_that_is_well_is_to_be_sent_work(register: Break) -> None:
    register("database", "")

    ready, summary = await get("/health/ready"), await get("/health")

    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    assert summary.json()["checks"]["database"]["status"] == "ok"
    assert ready.headers["cache-control"] == "no-store"


async def test_without_its_database_it_lives_and_is_not_to_be_sent_any(register: Break) -> None:
    register("database", "password=geheim at 10.0.0.7")
    register("redis", "")

    live, ready, summary = [await get(path) for path in ("/health/live", "/health/ready", "/health")]

    assert live.status_code == 200
    assert (ready.status_code, ready.json()) == (503, {"status": "error", "reason": "database_unavailable"})
    assert summary.status_code == 503
    assert summary.json()["checks"]["redis"]["status"] == "ok"
    assert summary.json()["checks"]["database"]["reason"] == "database_unavailable"
    assert "10.0.0.7" not in ready.text + summary.text


async def test_one_that_stops_lives_and_is_not_to_be_sent_any(register: Break) -> None:
    register("database", "")

    with lifetime.begun():
        lifetime.begin_stopping()
        live, ready = await get("/health/live"), await get("/health/ready")

    assert live.status_code == 200
    assert (ready.status_code, ready.json()) == (503, {"status": "error", "reason": "stopping"})
    assert (await get("/health/ready")).status_code == 200


async def test_it_answers_whoever_asks_and_however_often(register: Break) -> None:
    register("database", "")

    answers = await asyncio.gather(*(get("/health/ready") for _ in range(300)))

    assert {answer.status_code for answer in answers} == {200}
    assert (await get("/health/live", "HEAD")).status_code == 200
