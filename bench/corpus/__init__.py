"""A site to measure on: 100,000 posts of one organisation, smaller neighbours, people, tags and comments.

with site() as url:             # built once in about a minute, then kept in .data/bench until its recipe changes
    ...
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.corpus.rows import build, vocabulary
from myapp.kit import databases, embedded_postgres, migrations

__all__ = ["site", "vocabulary"]

FOLDER = migrations.ROOT / ".data" / "bench"


@contextmanager
def site() -> Generator[str]:
    """The URL of the database, on a server of its own with the settings the product starts it with."""
    name = f"site_{_recipe()}"
    url = embedded_postgres.ensure(FOLDER, database=name)
    try:
        databases.create(url)
        if not _is_built(url):
            print(f"building the site of 100,000 posts in {FOLDER}, once", file=sys.stderr)
            for old in _sites(url):
                databases.drop(embedded_postgres.ensure(FOLDER, database=old))
            databases.create(url)
            migrations.upgrade(url)
            with psycopg.connect(url) as connection:
                build(connection)
        yield url
    finally:
        embedded_postgres.release(FOLDER)


def _is_built(url: str) -> bool:
    if not migrations.is_current(url):
        return False
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM posts LIMIT 1").fetchone() is not None


def _sites(url: str) -> list[str]:
    """This one, half built, and those of earlier recipes."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'site_')")
        return [name for (name,) in rows.fetchall()]


def _recipe() -> str:
    """What the site is made by: its generator and the shape of the tables."""
    files = sorted((migrations.ROOT / "alembic").rglob("*.py"))
    text = b"".join(file.read_bytes() for file in [Path(__file__).with_name("rows.py"), *files])
    return hashlib.sha256(text).hexdigest()[:12]
