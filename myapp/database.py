"""Which database this environment means, started when it is ours to start, and brought up to date.

    url = prepare(load_settings())      # synchronous and idempotent: the start of every process that needs rows

There are two ways in: as the owner of the tables, who migrates, and as the application, which owns nothing
(`kit/rls.py`). The embedded server is left to the kernel's locks (see `kit/embedded_postgres`): whoever has called
`owner_address` uses it until the process ends, or until `release`.
"""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from myapp.config import Settings
from myapp.kit import databases, embedded_postgres, migrations, rls
from myapp.kit.databases import DatabaseError

_PATIENCE = 5  # seconds

log = logging.getLogger(__name__)


def owner_address(settings: Settings) -> str:
    """The URL that migrations use; the embedded server runs from now on. Raises DatabaseError."""
    given = settings.database_owner_url or settings.database_url
    if given is not None:
        return given
    name = "myapp" if settings.env == "development" else f"myapp_{settings.env}"
    try:
        return embedded_postgres.ensure(settings.data_dir, database=name)
    except embedded_postgres.EmbeddedPostgresError as error:
        raise DatabaseError(str(error)) from error


def prepare(settings: Settings) -> str:
    """The URL for the application, of a database that is reachable and migrated. Raises DatabaseError.

    One that the next release has migrated is left as it is: processes of this one may start while that is brought out.
    Redis, where it is said, has to answer as well.
    """
    if settings.redis_url is not None:
        _check_redis(settings.redis_url)
    url = owner_address(settings)
    try:
        databases.check(url)
    except DatabaseError as error:
        name = "DATABASE_OWNER_URL" if settings.database_owner_url else "DATABASE_URL"
        raise DatabaseError(f"{name}: {error}") from None
    if not migrations.is_current(url):
        _migrate(url)
    return _application_address(settings, url)


def _migrate(url: str) -> None:
    if migrations.is_newer(url):
        log.warning("the next release, or another branch, has migrated the database: it is left as it is")
        return
    databases.require_owner(url)
    migrations.upgrade(url)


def _application_address(settings: Settings, owner_url: str) -> str:
    """Whoever logs in acts as the role that owns nothing; the embedded server lets that role in itself."""
    if settings.database_url is None:
        owner_url = make_url(owner_url).set(username=rls.APP).render_as_string(hide_password=False)
    url = databases.acting_as(rls.APP, settings.database_url or owner_url)
    try:
        databases.check(url)
    except DatabaseError as error:
        raise DatabaseError(f"DATABASE_URL: {error}") from None
    return url


def warn_of_superuser(settings: Settings) -> None:
    """Say so where the application logs in as somebody whom no row-level security holds back. Raises DatabaseError."""
    name = databases.superuser(settings.database_url) if settings.database_url else ""
    if name:
        log.warning(
            "DATABASE_URL logs in as the superuser %s: whoever breaks out of one query reads every organisation's rows"
            " and runs programs on the database's server; let the application log in as %s (README, One organisation's"
            " rows)",
            name,
            rls.APP,
        )


def _check_redis(url: str) -> None:
    try:
        with Redis.from_url(url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE) as redis:
            redis.execute_command("PING")
    except (RedisError, TypeError) as error:  # an option in the address that there is not is a TypeError
        raise DatabaseError(f"REDIS_URL: {' '.join(str(error).split())}") from None


def release(settings: Settings) -> None:
    """Stop the embedded server when nobody else uses it, and wait until it is down."""
    if settings.database_url is None:
        embedded_postgres.release(settings.data_dir)
