"""Revisions go both ways, one process at a time, and `sql` shows them without a database."""

from __future__ import annotations

import asyncio

from myapp.kit import migration_check, migrations


def test_the_template_is_current(database_url: str) -> None:
    assert migrations.is_current(database_url)


def test_up_down_and_up_again_leaves_what_the_models_say_and_locks_nothing(scratch_url: str) -> None:
    assert migrations.current(scratch_url) is None
    assert migration_check.problems(scratch_url) == []
    assert migrations.is_current(scratch_url)


async def test_processes_that_start_together_migrate_once(scratch_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrations.upgrade, scratch_url) for _ in range(3)))
    assert migrations.is_current(scratch_url)


def test_the_statements_can_be_read_without_a_database() -> None:
    assert "CREATE TABLE audit_logs" in migrations.sql()
    assert "audit_logs" not in migrations.sql(start="head")
