"""Who holds which name, and who did last. The lock is what counts; the row says whose it is, and how it was left."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from myapp.kit import schema

cluster_names = sa.Table(
    "cluster_names",
    schema.metadata,
    sa.Column("name", sa.Text(), primary_key=True, comment="What one process holds at a time"),
    sa.Column("node", sa.Text(), nullable=False, comment="The process that holds it, or did last"),
    sa.Column("backend", sa.Integer(), nullable=False, comment="The process of PostgreSQL that has its lock"),
    sa.Column("token", sa.BigInteger(), nullable=False, comment="Greater for each holder"),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, comment="Since when"),
    sa.Column("freed_at", sa.DateTime(timezone=True), comment="When it was given back; null where nobody did"),
    comment="Names that one process of the cluster holds at a time",
)

FORGET_AFTER: Final = "7 days"
_KEY: Final = "hashtextextended('name ' || %(name)s, 0)"
_IS_LOCKED: Final = """lock.locktype = 'advisory' AND lock.objsubid = 1 AND lock.granted
    AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (lock.classid::bigint << 32 | lock.objid::bigint) = hashtextextended('name ' || asked.name, 0)"""
TRY: Final = f"SELECT pg_try_advisory_lock({_KEY})"
UNLOCK: Final = f"SELECT pg_advisory_unlock({_KEY})"
WAS_LEFT: Final = "SELECT 1 FROM cluster_names WHERE name = %(name)s AND freed_at IS NULL"
"""A row where somebody held it and was not heard to let go. Asked by who has the lock."""
TAKE: Final = """
INSERT INTO cluster_names AS held (name, node, backend, token, taken_at)
VALUES (%(name)s, %(node)s, pg_backend_pid(), extract(epoch FROM clock_timestamp()) * 1000, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET node = excluded.node, backend = excluded.backend, token = held.token + 1,
    taken_at = excluded.taken_at, freed_at = NULL
RETURNING token"""
"""The first holder's token is a time, so that it is greater than that of any whose row is forgotten."""
FREE: Final = """
UPDATE cluster_names SET freed_at = clock_timestamp() WHERE name = %(name)s AND token = %(token)s"""
HOLDERS: Final = f"""
SELECT asked.name, asked.node, asked.token, asked.taken_at
FROM cluster_names AS asked JOIN pg_locks AS lock ON lock.pid = asked.backend
WHERE asked.name = ANY(%(names)s) AND asked.freed_at IS NULL AND {_IS_LOCKED}"""  # noqa: S608 - all of it is here
"""Only who has the lock holds the name: not who died, nor who waits for a former holder to step down."""
TAKEN: Final = f"""
SELECT asked.name FROM unnest(%(names)s::text[]) AS asked (name)
WHERE EXISTS (SELECT FROM pg_locks AS lock WHERE {_IS_LOCKED})"""  # noqa: S608 - all of it is here
"""Who waits for a former holder to step down has the lock, too."""
FORGET: Final = f"""
DELETE FROM cluster_names AS asked
WHERE coalesce(asked.freed_at, asked.taken_at) < clock_timestamp() - interval '{FORGET_AFTER}'
    AND NOT EXISTS (SELECT FROM pg_locks AS lock WHERE {_IS_LOCKED})"""  # noqa: S608 - all of it is here
