"""Everything starts in order, stops in reverse, and a part that fails takes nothing else with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa
from sqlmodel import select

from myapp import application
from myapp.application import Child, Mode, running
from myapp.config import Settings
from myapp.kit import lifetime, storage, supervisor
from myapp.kit.audit import AuditLog
from myapp.kit.pubsub import Resync, broadcast, subscribe
from myapp.kit.repo import transaction
from myapp.kit.supervisor import GaveUp
from tests.factories import SYSTEM
from tests.kit.supervisor.pieces import PATIENCE, node, until

LIVE = ["live/pubsub", "live/cache"]
PAGES = ["live/presence", "live/blog", "live/notifications", "live/page"]
EVERYWHERE = [
    "error reports",
    "telemetry",
    "run log",
    "database",
    "names",
    "rate limits",
    "calls to others",
    "mailer",
    "storage",
    "images",
    "live",
]


@pytest.fixture
def settings(real_db: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What runs commits: the clock may add jobs meanwhile."""
    monkeypatch.setenv("DATABASE_URL", real_db)
    monkeypatch.setenv("MYAPP_ENV", "test")
    return Settings()  # pyright: ignore[reportCallIssue] - all of it has defaults


class Recorder:
    """Children that note what happens to them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._ends: dict[str, asyncio.Future[None]] = {}

    def child(self, name: str, *, start: bool = True, stop: bool = True) -> Child:
        return Child(name, partial(self._run, name, start, stop))

    def crash(self, name: str) -> None:
        """By itself, as it would without anybody's hand."""
        self._ends[name].set_exception(ZeroDivisionError(name))

    @asynccontextmanager
    async def _run(self, name: str, start: bool, stop: bool) -> AsyncGenerator[asyncio.Future[None]]:
        if not start:
            raise ZeroDivisionError(name)
        self.notes.append(f"{name} starts")
        self._ends[name] = asyncio.get_running_loop().create_future()
        yield self._ends[name]
        self.notes.append(f"{name} stops")
        if not stop:
            raise ZeroDivisionError(name)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def use(monkeypatch: pytest.MonkeyPatch, *children: Child) -> None:
    monkeypatch.setattr(application, "children", lambda *_: list(children))


async def test_children_start_in_order_and_stop_in_reverse(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, recorder.child("first"), recorder.child("second"))
    async with running(settings):
        recorder.notes.append("works")
    assert recorder.notes == ["first starts", "second starts", "works", "second stops", "first stops"]


async def test_when_one_does_not_start_those_before_it_stop(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, recorder.child("first"), recorder.child("second", start=False), recorder.child("third"))
    with pytest.raises(ZeroDivisionError, match="second"):
        async with running(settings):
            pytest.fail("it must not get this far")
    assert recorder.notes == ["first starts", "first stops"]


async def test_when_one_does_not_stop_the_others_still_do(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, recorder.child("first"), recorder.child("second", stop=False))
    async with running(settings):
        pass
    assert recorder.notes[-1] == "first stops"
    assert "second did not stop as it should" in caplog.text


async def test_an_error_inside_is_not_swallowed(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, recorder.child("first"))
    with pytest.raises(KeyError):
        async with running(settings):
            raise KeyError
    assert recorder.notes == ["first starts", "first stops"]


@pytest.mark.parametrize("mode", get_args(Mode.__value__))
async def test_what_runs_can_write_and_broadcast_and_afterwards_nothing_can(settings: Settings, mode: Mode) -> None:
    heard: list[object] = []
    async with running(settings, mode):
        subscribe("room", lambda _, event: heard.append(event))
        async with transaction(SYSTEM) as session:
            assert (await session.exec(select(sa.func.count()).select_from(AuditLog))).one() == 0
            broadcast("room", Resync())
        assert heard == [Resync()]
    with pytest.raises(RuntimeError, match="not started"):
        async with transaction(SYSTEM):
            pass
    with pytest.raises(RuntimeError, match="not started"):
        broadcast("room", Resync())


@pytest.mark.parametrize(
    ("mode", "children"),
    [
        (
            "all",
            [
                *EVERYWHERE,
                *LIVE,
                "live/operations",
                "live/presence",
                "live/blog",
                "live/notifications",
                "live/page",
                "console",
                "alerts",
                "health",
                "jobs",
                "scheduler",
            ],
        ),
        (
            "web",
            [
                *EVERYWHERE,
                *LIVE,
                "live/operations",
                *PAGES,
                "console",
                "alerts",
                "health",
                "jobs",
                "scheduler",
            ],
        ),
        (
            "worker",
            [
                *EVERYWHERE,
                *LIVE,
                "live/operations",
                "live/blog",
                "live/notifications",
                "console",
                "alerts",
                "health",
                "jobs",
                "scheduler",
            ],
        ),
        ("command", [*EVERYWHERE, *LIVE, "live/blog", "live/notifications"]),
    ],
)
async def test_a_mode_says_what_runs(settings: Settings, recorder: Recorder, mode: Mode, children: list[str]) -> None:
    async with running(settings, mode, live=[recorder.child("page")]) as root:
        assert [each.path for node in root.tree() for each in (node, *node.children)] == children
        assert {each.state for each in root.tree()} == {"running"}
        assert supervisor.root() is root
    with pytest.raises(RuntimeError):
        supervisor.root()


async def test_when_the_tree_gives_up_the_block_is_ended_with_its_error(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, recorder.child("first"), supervisor.nested("group", [recorder.child("last")], max_restarts=0))
    with pytest.raises(GaveUp, match="myapp gives up: group"):
        async with asyncio.timeout(PATIENCE), running(settings) as root:
            for lives in range(4):
                await until(lambda lives=lives: node(root, "group").restarts == lives)
                recorder.crash("last")
            await asyncio.Event().wait()
    assert recorder.notes[-1] == "first stops"


async def test_who_wants_to_end_by_itself_is_told_that_the_tree_gives_up(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, supervisor.nested("group", [recorder.child("last")], max_restarts=0))
    told = asyncio.Event()
    with pytest.raises(GaveUp):
        async with asyncio.timeout(PATIENCE), running(settings, on_end=told.set) as root:
            for lives in range(4):
                await until(lambda lives=lives: node(root, "group").restarts == lives)
                recorder.crash("last")
            await told.wait()


async def test_whoever_asks_is_told_that_it_stops_while_it_stops(
    settings: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bool] = []

    @asynccontextmanager
    async def asking() -> AsyncGenerator[None]:
        with lifetime.when_stopping(lambda: said.append(lifetime.is_stopping())):
            yield
            said.append(lifetime.is_stopping())

    use(monkeypatch, Child("asking", asking))
    async with running(settings):
        assert not lifetime.is_stopping()
        lifetime.begin_stopping()
        lifetime.begin_stopping()
        assert said == [True]
    assert said == [True, True]
    assert not lifetime.is_stopping()


def test_every_process_measures_itself_and_sweeps_what_it_keeps_every_so_often() -> None:
    assert {job.name: job.every for job in application.own_periodic_jobs()} == {
        "poll telemetry": 10,
        "sweep caches": 60,
        "sweep presence": 5,
        "watch memory": 60,
    }
    assert not any(job.once_per_cluster for job in application.own_periodic_jobs())


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("job", [pytest.param(job, id=job.name) for job in application.periodic_jobs()])
async def test_every_periodic_job_runs_when_there_is_nothing_to_do(job: application.Periodic, tmp_path: Path) -> None:
    async with storage.running(None, tmp_path):
        await job.run()
