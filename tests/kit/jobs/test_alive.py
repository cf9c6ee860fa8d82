"""Who asks for health is told when the queue stands still."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from myapp.kit import health_checks, jobs
from myapp.kit.health import NotOk
from tests.serving import free_port


async def test_it_is_alive_while_it_runs(real_db: str) -> None:
    check = health_checks.jobs_run(real_db)
    with pytest.raises(NotOk, match="jobs_unavailable"):
        await check()
    async with jobs.running(real_db, {"default": 1}):
        await check()
        await jobs.pause_queue("default")
        await check()
    async with jobs.running(real_db, {}):
        await check()
    with pytest.raises(NotOk, match="jobs_unavailable"):
        await check()


async def test_one_that_postgresql_has_not_heard_of_for_long_is_not(real_db: str) -> None:
    check = health_checks.jobs_run(real_db)
    async with jobs.running(real_db, {"default": 1, "mailers": 1}):
        with psycopg.connect(real_db, autocommit=True) as connection:
            connection.execute(
                "UPDATE oban_producers SET updated_at = updated_at - interval '46 s' WHERE queue = 'mailers'"
            )
            with pytest.raises(NotOk, match="jobs_unavailable"):
                await check()
            connection.execute("DELETE FROM oban_producers WHERE queue = 'mailers'")
            with pytest.raises(NotOk, match="jobs_unavailable"):
                await check()


async def test_who_has_said_nothing_for_a_minute_serves_no_queue(real_db: str) -> None:
    """Where the last worker was killed nobody leads who would drop it from the list."""
    await jobs.enqueue("myapp.blog.jobs.PublishDuePosts", scheduled_in=timedelta(hours=1))
    async with jobs.running(real_db, {"default": 1}):
        for silence, served in (("50 s", 1), ("61 s", 0)):
            with psycopg.connect(real_db, autocommit=True) as connection:
                connection.execute(
                    "UPDATE oban_producers SET updated_at = timezone('UTC', now()) - %s::interval", [silence]
                )
            assert [(card.name, len(card.servers)) for card in await jobs.list_queues()] == [("default", served)]


async def test_one_whose_loop_has_ended_is_not(real_db: str) -> None:
    check = health_checks.jobs_run(real_db)
    async with jobs.running(real_db, {"default": 1}):
        [loop] = [task for task in asyncio.all_tasks() if task.get_name() == "oban-producer-default"]
        loop.cancel()
        await asyncio.wait([loop])
        with pytest.raises(NotOk, match="jobs_unavailable"):
            await check()


async def test_a_database_that_is_not_there_is_an_error(real_db: str) -> None:
    async with jobs.running(real_db, {}):
        with pytest.raises(psycopg.OperationalError):
            await health_checks.jobs_run(f"postgresql://nobody@127.0.0.1:{free_port()}/none")()
