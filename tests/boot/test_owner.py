"""A server like a managed one: nobody is a superuser, the owner migrates, and the application logs in as another."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.engine import make_url

from myapp import application, database, seeds
from myapp.config import Settings
from myapp.kit import embedded_postgres, rls
from myapp.kit.databases import DatabaseError
from myapp.kit.embedded_postgres import programs


@pytest.fixture
def server(tmp_path: Path) -> Generator[str]:
    """A superuser's address on a server of the test's own, with a database for somebody who is none."""
    url = embedded_postgres.ensure(tmp_path)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE landlord LOGIN")
        admin.execute("CREATE DATABASE house OWNER landlord")
    yield url
    embedded_postgres.release(tmp_path)


def address(server: str, user: str) -> str:
    return make_url(server).set(username=user, database="house").render_as_string(hide_password=False)


def settings(**variables: str) -> Settings:
    return Settings.model_validate({"MYAPP_ENV": "test", **variables})


def dumped(url: str) -> str:
    """What the owner takes away of it all."""
    command = [programs() / "pg_dump", "--dbname", url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


async def test_no_superuser_is_needed(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("ALTER ROLE landlord CREATEROLE")
    owner = address(server, "landlord")
    for chosen in (
        settings(DATABASE_URL=owner),
        settings(DATABASE_OWNER_URL=owner, DATABASE_URL=address(server, rls.APP)),
    ):
        url = await asyncio.to_thread(database.prepare, chosen)
        with psycopg.connect(url) as app:
            assert app.execute("SELECT current_user").fetchone() == (rls.APP,)
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("DROP TABLE posts")
        async with application.running(chosen, "command"):
            await seeds.load()
    dump = await asyncio.to_thread(dumped, owner)
    assert "COPY public.posts" in dump
    assert "The Common Room" in dump


async def test_a_superuser_is_warned_of_and_nobody_else(server: str, caplog: pytest.LogCaptureFixture) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("ALTER ROLE landlord CREATEROLE")
    superuser, owner = make_url(server).username, address(server, "landlord")
    assert superuser
    for login, expected in ((owner, 0), (address(server, superuser), 1), (address(server, rls.APP), 0)):
        caplog.clear()
        chosen = settings(DATABASE_OWNER_URL=owner, DATABASE_URL=login, JOB_QUEUES="none")
        async with application.running(chosen, "worker"):
            pass
        found = [each for each in caplog.records if f"as the superuser {superuser}" in each.getMessage()]
        assert [each.levelname for each in found] == ["WARNING"] * expected


async def test_roles_that_are_missing_are_named(server: str) -> None:
    with pytest.raises(DatabaseError, match=r"may not make the roles myapp_app.*README"):
        await asyncio.to_thread(database.prepare, settings(DATABASE_URL=address(server, "landlord")))


async def test_roles_may_be_made_by_somebody_else_beforehand(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        for statement in (
            "CREATE ROLE myapp_app LOGIN", "CREATE ROLE myapp_public", "CREATE ROLE myapp_system",
            "GRANT myapp_public, myapp_system TO myapp_app WITH INHERIT FALSE, SET TRUE",
        ):  # fmt: skip
            admin.execute(statement)
    chosen = settings(DATABASE_OWNER_URL=address(server, "landlord"), DATABASE_URL=address(server, rls.APP))
    with pytest.raises(DatabaseError, match="grant them to the owner"):
        await asyncio.to_thread(database.prepare, chosen)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("GRANT myapp_app, myapp_public, myapp_system TO landlord WITH INHERIT FALSE, SET TRUE")
    await asyncio.to_thread(database.prepare, chosen)


async def test_who_may_not_migrate_says_so(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE ROLE myapp_app LOGIN")
    with pytest.raises(DatabaseError, match="DATABASE_OWNER_URL"):
        await asyncio.to_thread(database.prepare, settings(DATABASE_URL=address(server, rls.APP)))
