"""Whole databases on a PostgreSQL server: make one, drop one, and say in a sentence why one cannot be used.

What `mix ecto.create` and `mix ecto.drop` do. Synchronous: only commands and the start use it.

    if create("postgresql://localhost/myapp"):
        migrations.upgrade("postgresql://localhost/myapp")
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.engine import make_url

MINIMUM = 16

_OWNS = """
SELECT has_schema_privilege('public', 'CREATE') AND NOT EXISTS (
    SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND NOT pg_has_role(relowner, 'USAGE')
)
"""


class DatabaseError(Exception):
    """The database cannot be used; `str(error)` is one line without the password."""


def check(url: str) -> None:
    """Raise DatabaseError unless the database is there, lets us in, and is new enough."""
    with _connect(url) as connection:
        major = connection.info.server_version // 10_000
    if major < MINIMUM:
        raise DatabaseError(f"PostgreSQL {MINIMUM} or later is needed, this server is PostgreSQL {major}")


def create(url: str) -> bool:
    """Make the database of this address; False when it was there already."""
    with _connect(_maintenance(url)) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name_of(url))))
        except errors.DuplicateDatabase:
            return False
        except errors.InsufficientPrivilege as error:
            raise DatabaseError(_sentence(error)) from None
    return True


def drop(url: str) -> None:
    """Drop the database of this address, and throw out whoever is connected to it."""
    with _connect(_maintenance(url)) as connection:
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(url))))
        except errors.InsufficientPrivilege as error:
            raise DatabaseError(_sentence(error)) from None


@contextmanager
def scratch(url: str) -> Generator[str]:
    """The address of an empty database on the same server, dropped at the end."""
    other = (
        make_url(url).set(database=f"{name_of(url)}_scratch_{uuid4().hex[:8]}").render_as_string(hide_password=False)
    )
    create(other)
    try:
        yield other
    finally:
        drop(other)


def name_of(url: str) -> str:
    """The database an address means: like psql, the person's own name when it gives none."""
    parts = conninfo_to_dict(url)
    name = parts.get("dbname") or parts.get("user")
    if not name:
        raise DatabaseError("the address names no database")
    return str(name)


def acting_as(role: str, url: str) -> str:
    """The address of connections that act as this role, whoever it is that logs in."""
    given = conninfo_to_dict(url).get("options") or ""
    options = f"{given} -c role={role}".strip()
    rendered = make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)
    return rendered.replace("+", "%20")  # what SQLAlchemy writes for a blank; libpq reads only the other


def require_owner(url: str) -> None:
    """Raise DatabaseError unless this address may change the tables that are there, and make more."""
    with _connect(url) as connection:
        row = connection.execute(_OWNS).fetchone()
    if row != (True,):
        raise DatabaseError("the database is not up to date: set DATABASE_OWNER_URL to let its owner migrate it")


def superuser(url: str) -> str:
    """The name of the role that logs in with this address if it is a superuser, else ""."""
    with _connect(url) as connection:
        row = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = session_user AND rolsuper").fetchone()
    return row[0] if row else ""


def _maintenance(url: str) -> str:
    return make_conninfo(url, dbname="postgres")


def _connect(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.Error as error:
        raise DatabaseError(_sentence(error)) from None


def _sentence(error: psycopg.Error) -> str:
    """PostgreSQL's own words, in one line."""
    return " ".join(str(error).replace("FATAL:", "").replace("ERROR:", "").split())
