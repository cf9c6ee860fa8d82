"""PostgreSQL is killed under who holds a name: they hear that it is lost before another process is told it has it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp import database
from myapp.config import Settings
from tests.furnished import furnish
from tests.kit.names_processes import PATIENCE, peer, spells
from tests.serving import clear_away

NAME = "tea"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name, value in {"MYAPP_ENV": "development", "MYAPP_DATA_DIR": str(furnish(tmp_path / "data"))}.items():
        monkeypatch.setenv(name, value)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings()  # pyright: ignore[reportCallIssue] - all of it has defaults
    yield settings
    database.release(settings)
    clear_away(tmp_path)


async def test_who_holds_a_name_steps_down_before_another_is_told_that_it_does(settings: Settings) -> None:
    url = await asyncio.to_thread(database.prepare, settings)
    async with peer(url) as one, peer(url) as other:
        await one.does("hold", NAME, "held")
        for holder, waits in ((one, other), (other, one)):
            told = len(holder.said)
            pid = int((settings.data_dir / "postgres/cluster/postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, signal.SIGKILL)
            await asyncio.wait_for(waits.does("hold", NAME, "held"), PATIENCE)
            assert [each.verb for each in holder.said[told:]] == ["lost"]
        found = spells([*one.said, *other.said], NAME)
    first, second = found
    assert first.until < second.since
    assert first.token < second.token
