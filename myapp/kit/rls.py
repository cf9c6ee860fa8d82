"""Row-level security: what a migration says about a table so that one organisation's rows are nobody else's.

    def upgrade() -> None:
        op.create_table("recipes", ..., sa.Column("org_id", sa.Uuid(), nullable=False), ...)
        rls.protect("recipes")
        op.create_table("ingredients", ..., sa.Column("recipe_id", sa.Uuid(), nullable=False), ...)
        rls.protect("ingredients", through="recipe_id", of="recipes")      # it has no org_id of its own
        rls.allow("recipes", "published", "is_published", to=rls.PUBLIC)   # an exception, by its name
    rls.keep_to_person("wishes")                                       # of people, in no organisation: by `user_id`

What always holds: the application owns no table and works under one of three roles. `APP` sees the rows of the
organisation that the transaction is for, and without one nothing; `PUBLIC`, for a visitor or a person who is in no
organisation at the moment, sees what an exception names; `SYSTEM` sees everything. `transaction(scope)` chooses. The
owner of the tables, who migrates and dumps them, is bound by nothing.

The conditions are compared with what a subquery gives, which runs once for a statement. Where the statement asks for
one organisation itself, PostgreSQL compares the two once and plans by the statement's; else it may look the value up in
an index. Only leakproof conditions of a statement may be looked up in an index before the policy has spoken: `=`, `<`,
`IN`, but not `@@`, `@>`, functions and `coalesce`, for which CASE does (https://www.postgresql.org/docs/16/rules-privileges.html).
"""

from __future__ import annotations

from typing import Final, Literal

import psycopg
import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import ProgrammingError

from myapp.kit.databases import DatabaseError

APP: Final = "myapp_app"
PUBLIC: Final = "myapp_public"
SYSTEM: Final = "myapp_system"

ORG: Final = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation that the transaction is for, or null."""
PERSON: Final = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
"""The person it is for, or null."""

type Verb = Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]

_ROLES: Final = f"""
DO $$
BEGIN
    IF to_regrole('{APP}') IS NULL THEN
        CREATE ROLE {APP} LOGIN;
    END IF;
    IF to_regrole('{PUBLIC}') IS NULL THEN
        CREATE ROLE {PUBLIC} NOLOGIN;
    END IF;
    IF to_regrole('{SYSTEM}') IS NULL THEN
        CREATE ROLE {SYSTEM} NOLOGIN;
    END IF;
    IF NOT pg_has_role('{APP}', '{SYSTEM}', 'SET') THEN
        GRANT {PUBLIC}, {SYSTEM} TO {APP} WITH INHERIT FALSE, SET TRUE;
    END IF;
    IF NOT pg_has_role(session_user, '{APP}', 'SET') THEN
        EXECUTE 'GRANT {APP}, {PUBLIC}, {SYSTEM} TO ' || quote_ident(session_user) || ' WITH INHERIT FALSE, SET TRUE';
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this server was quicker
END $$
"""

_GRANTS: Final = (
    f"GRANT USAGE ON SCHEMA public TO {APP}, {PUBLIC}, {SYSTEM}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}, {PUBLIC}, {SYSTEM}",
    f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {APP}, {PUBLIC}, {SYSTEM}",
    f"""ALTER DEFAULT PRIVILEGES IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}, {PUBLIC}, {SYSTEM}""",
)
_REVOKES: Final = (
    f"""ALTER DEFAULT PRIVILEGES IN SCHEMA public
        REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM {APP}, {PUBLIC}, {SYSTEM}""",
    f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}, {PUBLIC}, {SYSTEM}",
    f"REVOKE USAGE ON SCHEMA public FROM {APP}, {PUBLIC}, {SYSTEM}",
)


def ensure_roles(connection: sa.Connection) -> None:
    """Make the three roles on this server if they are missing. They are the server's: no migration takes them away.

    Who connects may act as them from then on. It needs CREATEROLE, or somebody who has it and makes them beforehand.
    Raises DatabaseError.
    """
    try:
        connection.exec_driver_sql(_ROLES)
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise DatabaseError(
            f"the owner of the database may not make the roles {APP}, {PUBLIC} and {SYSTEM}, or act as them: let "
            "somebody who has CREATEROLE make them as README.md says, and grant them to the owner"
        ) from None


def grant() -> None:
    """Let the roles use the tables that are there and those that come: policies say which rows."""
    for statement in _GRANTS:
        op.execute(statement)


def revoke() -> None:
    """Take back what `grant` gave."""
    for statement in _REVOKES:
        op.execute(statement)


def protect(table: str, *, through: str = "", of: str = "") -> None:
    """Fence a table off: by its `org_id`, or `through` a column that names the row of another table it belongs `of`."""
    mine = f"EXISTS (SELECT FROM {of} AS parent WHERE parent.id = {through})" if of else f"org_id = {ORG}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    allow(table, "organization", mine, to=APP, verb="ALL")
    allow(table, "system", "true", to=SYSTEM, verb="ALL")


def keep_to_person(table: str, *, through: str = "", of: str = "") -> None:
    """Fence off a table that belongs to no organisation: everybody has their own rows, by `user_id`, and no others'.

    `through` and `of` as above. Whoever is not known yet is looked for by the system.
    """
    mine = f"EXISTS (SELECT FROM {of} AS parent WHERE parent.id = {through})" if of else f"user_id = {PERSON}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    allow(table, "own", mine, to=f"{APP}, {PUBLIC}", verb="ALL")
    allow(table, "system", "true", to=SYSTEM, verb="ALL")


def release_from_person(table: str) -> None:
    """Take `keep_to_person` back."""
    for name in ("own", "system"):
        forbid(table, name)
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def allow(table: str, name: str, condition: str, *, to: str, verb: Verb = "SELECT") -> None:
    """Let a role, or several, also do this to the rows of a protected table for which the condition holds."""
    clause = f"WITH CHECK ({condition})" if verb == "INSERT" else f"USING ({condition})"
    op.execute(f"CREATE POLICY {name} ON {table} FOR {verb} TO {to} {clause}")


def forbid(table: str, name: str) -> None:
    """Take an exception back."""
    op.execute(f"DROP POLICY {name} ON {table}")


def change(table: str, name: str, condition: str) -> None:
    """Say the condition of a policy in another way."""
    op.execute(f"ALTER POLICY {name} ON {table} USING ({condition})")


def create_view(name: str, query: str, *, to: str) -> None:
    """What conditions of policies ask in place of tables: a view that reads as the owner, and is only read.

    Policies within policies are planned again for every statement, however deep. So the query itself must say what the
    policies of the tables say: whoever may read the view sees all that is in it.
    """
    op.execute(f"CREATE VIEW {name} WITH (security_barrier) AS {query}")
    op.execute(f"REVOKE ALL ON {name} FROM {APP}, {PUBLIC}, {SYSTEM}")  # new tables and views are granted to them
    op.execute(f"GRANT SELECT ON {name} TO {to}")


def unprotect(table: str, *exceptions: str) -> None:
    """Take `protect` back, and these exceptions; nobody needs to before the table is dropped."""
    for name in ("organization", "system", *exceptions):
        forbid(table, name)
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
