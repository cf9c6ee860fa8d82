"""Whether the models say what the migrations made.

Both are put side by side in one database: the tables as migrated, and the tables the models would create, in a schema
that is rolled back. PostgreSQL itself then describes every column, constraint, index and comment of both, so what
Alembic's own comparison leaves out (CHECK rules, conditions of partial indexes, generated columns) is compared too.

    assert drift.differences("postgresql://localhost/myapp") == []
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from myapp.kit import migrations, schema
from myapp.kit.jobs.tables import OBAN

LIBRARY_TABLES = ("alembic_version", *OBAN)
"""Tables of libraries: in the database, in no model of ours."""

_DESCRIBE = sa.text("""
WITH ours AS (
    SELECT oid, relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(:schema) AND relname <> ALL(:ignored)
)
SELECT format('table %s: %s', relname, coalesce(obj_description(oid, 'pg_class'), 'no comment')) FROM ours
UNION ALL
SELECT format(
    'column %s.%s: %s%s%s%s', relname, attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN ' not null' END,
    CASE WHEN adbin IS NOT NULL THEN
        CASE WHEN attgenerated = '' THEN ' default ' ELSE ' generated as ' END || pg_get_expr(adbin, adrelid) END,
    ', ' || col_description(attrelid, attnum)
)
FROM ours JOIN pg_attribute ON attrelid = oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('constraint %s.%s: %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
FROM ours JOIN pg_constraint ON conrelid = ours.oid WHERE contype <> 'n'
UNION ALL
SELECT format('index %s.%s: %s', ours.relname, indexrelid::regclass, replace(
    pg_get_indexdef(indexrelid), format(' ON %s.', :schema), ' ON '))
FROM ours JOIN pg_index ON indrelid = ours.oid
""")


def differences(url: str) -> list[str]:
    """One line for each thing that only the models or only the migrated database have; empty when they agree."""
    schema.load_models()
    engine = sa.create_engine(migrations.sync_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection, connection.begin() as work:
            migrated = _describe(connection, "public")
            connection.execute(sa.text("CREATE SCHEMA models"))
            connection.execute(sa.text("SET LOCAL search_path = models, public"))
            schema.metadata.create_all(connection, checkfirst=False)
            modelled = _describe(connection, "models")
            work.rollback()
    finally:
        engine.dispose()
    return [
        *(f"only in the models: {line}" for line in sorted(modelled - migrated)),
        *(f"only in the migrations: {line}" for line in sorted(migrated - modelled)),
    ]


def _describe(connection: sa.Connection, name: str) -> set[str]:
    return set(connection.scalars(_DESCRIBE, {"schema": name, "ignored": list(LIBRARY_TABLES)}))
