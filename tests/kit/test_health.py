"""Checks run at the same time, in a bounded time, and seldom; what they need is really asked."""

from __future__ import annotations

import asyncio
import logging

import psycopg
import pytest
from redis.exceptions import RedisError

from myapp.kit import health as module
from myapp.kit import health_checks, lifetime, migrations
from myapp.kit.health import Health, NotOk
from tests.kit.between import Server, redis_server
from tests.serving import free_port

__all__ = ["redis_server"]  # a fixture


async def well() -> None:
    pass


async def test_one_that_fails_or_never_answers_says_nothing_of_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.05)

    async def fails() -> None:
        raise ConnectionError("the address, with a password")

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def pends() -> None:
        raise NotOk("migrations_pending")

    health = Health()
    for name, check in (("a", well), ("mail", fails), ("jobs", hangs), ("migrations", pends)):
        health.register(name, check)
    with caplog.at_level(logging.WARNING):
        report = await health.report()

    reasons = {outcome.name: outcome.reason for outcome in report.outcomes}
    assert reasons == {
        "a": "",
        "mail": "mail_unavailable",
        "jobs": "jobs_unavailable",
        "migrations": "migrations_pending",
    }
    assert (report.is_ok, report.reason) == (False, "mail_unavailable")
    assert "the check of jobs failed" in caplog.text


async def test_the_log_says_what_changes_and_not_each_time_that_nothing_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A balancer asks every few seconds, for as long as PostgreSQL is away."""
    monkeypatch.setattr(module, "KEPT", -1.0)
    comes = [None, OSError("1"), OSError("2"), NotOk("no_water"), NotOk("no_water"), None, None]
    said, coming = list[str](), iter(comes)

    async def check() -> None:
        if (error := next(coming)) is not None:
            raise error

    health = Health()
    health.register("tea", check)
    for _ in comes:
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="myapp.kit.health"):
            await health.report()
        said.append(" ".join(record.getMessage() for record in caplog.records))
    assert said == [
        "", "the check of tea failed", "", "the check of tea says no_water", "", "the check of tea is well again", "",
    ]  # fmt: skip


async def test_however_many_ask_a_check_runs_once_at_a_time() -> None:
    runs, goes_on = 0, asyncio.Event()

    async def slow() -> None:
        nonlocal runs
        runs += 1
        await goes_on.wait()

    health = Health()
    health.register("slow", slow)
    asked = [asyncio.create_task(health.report()) for _ in range(50)]
    await asyncio.sleep(0)
    asked[0].cancel()  # who asked first has gone
    goes_on.set()
    reports = await asyncio.gather(*asked[1:])

    assert runs == 1
    assert all(report.is_ok for report in reports)


async def test_what_was_said_counts_for_a_moment_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = 0

    async def count() -> None:
        nonlocal runs
        runs += 1

    health = Health()
    health.register("count", count)
    await health.report()
    await health.report()
    assert runs == 1

    monkeypatch.setattr(module, "KEPT", -1)
    await health.report()
    assert runs == 2


async def test_a_check_that_was_taken_away_is_asked_no_more() -> None:
    async def fails() -> None:
        raise NotOk("no")

    health = Health()
    forget = health.register("x", fails)
    assert not (await health.report()).is_ok
    forget()
    forget()

    assert await health.report() == module.Report(())


async def test_the_database_is_asked_past_the_pool(database_url: str) -> None:
    await health_checks.database_answers(database_url)()
    with pytest.raises(psycopg.OperationalError):
        await health_checks.database_answers(f"postgresql://nobody@127.0.0.1:{free_port()}/none")()


async def test_a_migrated_database_is_fine_and_one_behind_is_not(migrated_url: str) -> None:
    first = migrations.revisions()[0].revision
    check = health_checks.is_migrated(migrated_url)
    await check()
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [first])
        with pytest.raises(NotOk, match="migrations_pending"):
            await check()
        connection.execute("UPDATE alembic_version SET version_num = 'of-the-next-release'")
    await check()


async def test_redis_is_asked(redis_server: Server) -> None:
    await health_checks.redis_answers(redis_server.url)()
    with pytest.raises(RedisError):
        await health_checks.redis_answers(f"redis://127.0.0.1:{free_port()}/0")()


async def test_a_process_that_is_about_to_end_is_not_to_be_sent_work() -> None:
    with lifetime.begun():
        lifetime.begin_stopping()

        report = await module.report()

    assert (report.is_ok, report.reason) == (False, "stopping")
