"""PostgreSQL is killed while people work: the application goes on by itself, and loses nothing it said was done."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from myapp import application, chat
from myapp.application import Periodic
from myapp.chat import ChatRoom
from myapp.config import Settings
from myapp.kit import pubsub
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_room
from tests.furnished import furnish
from tests.kit.supervisor.pieces import until
from tests.serving import clear_away

AT_ONCE = 5
PAUSE = 0.04
PATIENCE = 60.0


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name, value in {"MYAPP_ENV": "development", "MYAPP_DATA_DIR": str(furnish(tmp_path / "data"))}.items():
        monkeypatch.setenv(name, value)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    yield Settings()  # pyright: ignore[reportCallIssue] - all of it has defaults
    clear_away(tmp_path)


class Talk:
    """People who talk, each up to 25 times a second, and what they were told is kept."""

    def __init__(self, scope: Scope, room: ChatRoom) -> None:
        self._scope = scope
        self._room = room
        self.kept: list[str] = []
        self.failures = 0

    async def go_on(self, who: int) -> None:
        """Until cancelled. What fails is said again, as a page does, under the name it had."""
        number = 0
        while True:
            name = f"{who}-{number}"
            try:
                await chat.create_message(self._scope, self._room.id, {"body": name, "client_id": name})
            except Exception:  # noqa: BLE001 - whatever a driver raises when its server is gone
                self.failures += 1
                await asyncio.sleep(PAUSE)
            else:
                self.kept.append(name)
                number += 1
                await asyncio.sleep(PAUSE)

    async def grows(self) -> None:
        """Wait until more is kept, of somebody who began to say it after this."""
        there = len(self.kept)
        await asyncio.wait_for(until(lambda: len(self.kept) > there + AT_ONCE), PATIENCE)


async def test_nothing_that_was_kept_is_lost_and_nothing_has_to_be_restarted_by_hand(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[None] = []

    async def tick() -> None:
        async with transaction(SYSTEM) as session:
            await session.exec(select(1))
        ticks.append(None)

    monkeypatch.setattr(
        application, "periodic_jobs", lambda: [Periodic("tick", tick, every=0.05, once_per_cluster=True)]
    )
    async with application.running(settings) as root:
        scope = await make_member(await make_organization())
        talk = Talk(scope, await make_room(scope))
        heard: list[object] = []
        pubsub.subscribe("page", lambda _, event: heard.append(event))
        people = [asyncio.create_task(talk.go_on(who)) for who in range(AT_ONCE)]
        try:
            for _ in range(2):
                await talk.grows()
                heard.clear()
                kept = len(talk.kept)
                pid = int((settings.data_dir / "postgres/cluster/postmaster.pid").read_text().split("\n", 1)[0])
                os.kill(pid, signal.SIGKILL)
                await asyncio.wait_for(until(lambda: talk.failures > 0), PATIENCE)
                await talk.grows()
                assert len(talk.kept) > kept
                await asyncio.wait_for(until(lambda: pubsub.Resync() in heard), PATIENCE)  # open pages read again
                done = len(ticks)
                await asyncio.wait_for(until(lambda done=done: len(ticks) > done + 1), PATIENCE)
                talk.failures = 0
        finally:
            for each in people:
                each.cancel()
            await asyncio.wait(people)
        async with transaction(scope) as session:
            stored = (await session.exec(select(chat.Message.body))).all()
        assert set(talk.kept) <= set(stored)
        assert len(set(stored)) == len(stored)
        assert all(each.state == "running" for each in root.tree())
