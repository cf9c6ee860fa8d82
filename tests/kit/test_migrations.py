"""Revisions go both ways, one process at a time, and `sql` shows them without a database."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from myapp.kit import migrations


def tables(url: str) -> set[str]:
    engine = sa.create_engine(migrations.sync_url(url), poolclass=NullPool)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_template_is_current(database_url: str) -> None:
    assert migrations.is_current(database_url)


def test_up_down_and_up_again(scratch_url: str) -> None:
    assert migrations.current(scratch_url) is None
    migrations.upgrade(scratch_url)
    full = tables(scratch_url)
    assert "audit_logs" in full
    migrations.downgrade(scratch_url, "base")
    assert tables(scratch_url) == {"alembic_version"}
    assert not migrations.is_current(scratch_url)
    migrations.upgrade(scratch_url)
    assert tables(scratch_url) == full


async def test_processes_that_start_together_migrate_once(scratch_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrations.upgrade, scratch_url) for _ in range(3)))
    assert migrations.is_current(scratch_url)


def test_the_statements_can_be_read_without_a_database() -> None:
    assert "CREATE TABLE audit_logs" in migrations.sql()
    assert "audit_logs" not in migrations.sql(start="head")
