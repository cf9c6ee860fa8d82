"""The models and the migrations describe one database, and a difference between them is named."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from myapp.kit import drift, migrations


def change(url: str, statement: str) -> None:
    engine = sa.create_engine(migrations.sync_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def test_the_models_say_what_the_migrations_made(database_url: str) -> None:
    assert drift.differences(database_url) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE audit_logs ADD COLUMN more text", "column audit_logs.more: text"),
        ("ALTER TABLE audit_logs ALTER COLUMN action TYPE varchar(9)", "audit_logs.action: character varying(9)"),
        ("ALTER TABLE audit_logs ADD CONSTRAINT c CHECK (action <> '')", "CHECK ((action <> ''::text))"),
        ("CREATE INDEX more ON audit_logs (action) WHERE ip IS NULL", "WHERE (ip IS NULL)"),
        ("COMMENT ON TABLE audit_logs IS 'other'", "table audit_logs: other"),
        ("CREATE TABLE forgotten (id int)", "table forgotten"),
    ],
)
def test_a_difference_is_named(migrated_url: str, statement: str, found: str) -> None:
    change(migrated_url, statement)
    lines = [line for line in drift.differences(migrated_url) if line.startswith("only in the migrations")]
    assert any(found in line for line in lines)
