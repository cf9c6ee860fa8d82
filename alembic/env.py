"""How Alembic reaches the database: through the connection or address it is handed, else through the settings.

Each revision runs in its own transaction, so one that builds an index `CONCURRENTLY` can step outside of it with
`op.get_context().autocommit_block()`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, create_engine, pool
from sqlalchemy.schema import SchemaItem
from sqlmodel.sql.sqltypes import AutoString

from myapp.config import load_settings
from myapp.kit import embedded_postgres, migrations, rls, schema

Revisions = list[MigrationScript]


def _number(_context: MigrationContext, _revision: object, scripts: Revisions) -> None:
    """A new revision is named by the moment it is written: `20260131120000`."""
    for script in scripts:
        script.rev_id = f"{datetime.now(UTC):%Y%m%d%H%M%S}"


def _render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """SQLModel's name for a text of some length means nothing in a revision."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    return False


def _is_compared(item: SchemaItem, _name: str | None, kind: str, _is_reflected: bool, other: SchemaItem | None) -> bool:
    """SQLAlchemy reads no collation of an index's expression, so it would look changed: `drift.py` does."""
    is_read_in_full = not (isinstance(item, Index) and any("COLLATE" in str(each) for each in item.expressions))
    return kind != "index" or other is None or is_read_in_full


def _run(connection: Connection | None) -> None:
    if connection is not None:
        rls.ensure_roles(connection)
        connection.commit()
    context.configure(
        connection=connection,
        dialect_name="postgresql",
        target_metadata=schema.metadata,
        include_name=schema.is_ours,
        include_object=_is_compared,
        render_item=_render,
        process_revision_directives=_number,
        transaction_per_migration=True,
        compare_server_default=True,
        literal_binds=connection is None,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


schema.load_models()
given: Connection | None = context.config.attributes.get("connection")
if context.is_offline_mode():
    _run(None)
elif given is not None:
    _run(given)
else:
    settings = load_settings()
    url = (
        settings.database_owner_url
        or settings.database_url
        or embedded_postgres.ensure(settings.data_dir, database="myapp")
    )
    engine = create_engine(migrations.sync_url(url), poolclass=pool.NullPool)
    with engine.connect() as own:
        _run(own)
    engine.dispose()
