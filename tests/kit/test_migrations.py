"""Revisions go both ways, one process at a time, and `sql` shows them without a database."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event

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


def test_rows_are_changed_a_batch_at_a_time_until_nothing_is_left_to_do(scratch_url: str) -> None:
    engine = sa.create_engine(migrations.sync_url(scratch_url))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE things AS SELECT number FROM generate_series(1, 25) AS number")
        connection.commit()
        ran: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *given: ran.append(given[2]))
        statement = "DELETE FROM things WHERE number IN (SELECT number FROM things LIMIT 10)"

        with Operations.context(MigrationContext.configure(connection)):
            migrations.in_batches(statement)

        assert ran == [statement] * 4
        assert connection.exec_driver_sql("SELECT count(*) FROM things").scalar() == 0
    engine.dispose()
