"""PostgreSQL dies under a server at work, and is not there for a while: the server says so, and is whole afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import psutil
import pytest

from tests.boot.test_redis_lost import becomes_ready, token_of
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away


@pytest.fixture
async def served(tmp_path: Path) -> AsyncGenerator[Served]:
    await asyncio.to_thread(build_pages)
    server = Served(furnish(tmp_path / "data"), has_imported=True)
    yield await asyncio.to_thread(server.answers)
    server.close()
    clear_away(tmp_path)


async def test_the_server_says_that_it_is_not_ready_and_is_again_when_the_database_is_back(served: Served) -> None:
    await becomes_ready(served, {"status": "ok"})
    pid = (served.data_dir / "postgres/cluster/postmaster.pid").read_text().split("\n", 1)[0]
    postgres = psutil.Process(int(pid))
    keeper = postgres.parent()
    assert keeper

    keeper.suspend()  # who would start it again at once
    try:
        postgres.kill()
        await becomes_ready(served, {"status": "error", "reason": "database_unavailable"})
        assert served.get("/health/live").status_code == 200
    finally:
        keeper.resume()

    await becomes_ready(served, {"status": "ok"})
    assert await token_of(served, "ada")
    assert await asyncio.to_thread(served.stop) == 0
