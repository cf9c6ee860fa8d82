"""Which database this environment means, started when it is ours to start, and brought up to date.

    url = prepare(load_settings())      # synchronous and idempotent: the start of every process that needs rows

The embedded server is left to the kernel's locks (see `kit/embedded_postgres`): whoever has called `address` uses it
until the process ends, or until `release`.
"""

from __future__ import annotations

from myapp.config import Settings
from myapp.kit import databases, embedded_postgres, migrations
from myapp.kit.databases import DatabaseError


def address(settings: Settings) -> str:
    """The URL of the database; the embedded server runs from now on. Raises DatabaseError."""
    if settings.database_url is not None:
        return settings.database_url
    name = "myapp" if settings.env == "development" else f"myapp_{settings.env}"
    try:
        return embedded_postgres.ensure(settings.data_dir, database=name)
    except embedded_postgres.EmbeddedPostgresError as error:
        raise DatabaseError(str(error)) from error


def prepare(settings: Settings) -> str:
    """The URL of the database, reachable and migrated. Raises DatabaseError."""
    url = address(settings)
    try:
        databases.check(url)
    except DatabaseError as error:
        raise DatabaseError(f"DATABASE_URL: {error}") from None
    if not migrations.is_current(url):
        migrations.upgrade(url)
    return url


def release(settings: Settings) -> None:
    """Stop the embedded server when nobody else uses it, and wait until it is down."""
    if settings.database_url is None:
        embedded_postgres.release(settings.data_dir)
