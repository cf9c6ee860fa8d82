"""Everything that `make check` asks of the migrations, on an empty database: up, down, up again, drift and locks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from myapp.kit import drift, migration_lint, migrations


def problems(empty_url: str) -> list[str]:
    """One line for each thing that is wrong; the database is migrated afterwards. Raises what a migration raises."""
    migrations.upgrade(empty_url)
    migrations.downgrade(empty_url, "base")
    left = _tables(empty_url) - set(drift.LIBRARY_TABLES)
    migrations.upgrade(empty_url)
    return [
        *(f"left behind after going back to the beginning: {name}" for name in sorted(left)),
        *drift.differences(empty_url),
        *migration_lint.problems(),
    ]


def _tables(url: str) -> set[str]:
    engine = sa.create_engine(migrations.sync_url(url), poolclass=NullPool)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()
