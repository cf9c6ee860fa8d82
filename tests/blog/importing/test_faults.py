"""Imports while the database fails, or somebody works at the same posts: nothing is left out for others' faults."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from myapp import blog
from myapp.blog import Comment, ImportStatus, Post
from myapp.blog.imports import running
from myapp.kit.scope import Scope
from tests.blog.importing.whole import imported, rows
from tests.factories.wordpress import comment, item

POSTS = 5


def site() -> list[str]:
    return [item(key, comments=[comment(key)]) for key in range(1, POSTS + 1)]


@contextmanager
def before(engine: AsyncEngine, statement: str, act: Callable[[psycopg.Connection, int], object]) -> Generator[None]:
    """Call `act` with another connection and the number of the one that is about to send such a statement."""

    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def note(connection: sa.Connection, _cursor: object, sent: str, *_: object) -> None:
        if sent.startswith(statement):
            theirs: Any = connection.connection.driver_connection
            with psycopg.connect(url, autocommit=True) as ours:
                act(ours, theirs.info.backend_pid)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


def kill(ours: psycopg.Connection, backend: int) -> None:
    """End a connection, and wait until it is gone."""
    ours.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))


async def test_a_connection_that_breaks_costs_no_post(scope: Scope, path: Path, engine: AsyncEngine) -> None:
    times = iter(range(100))
    with before(engine, "INSERT INTO comments", lambda ours, backend: next(times) or kill(ours, backend)):
        card = await imported(scope, path, item(1, comments=[comment(1)]))
    assert next(times) == 2
    assert (card.status, card.skipped) == (ImportStatus.DONE, [])
    assert card.counts == {"posts": 1, "comments": 1, "authors": 1}
    assert (len(await rows(Post)), len(await rows(Comment))) == (1, 1)


async def test_a_database_that_stays_away_stops_the_import_which_goes_on_later(
    scope: Scope, path: Path, engine: AsyncEngine
) -> None:
    with before(engine, "INSERT INTO comments", kill):
        card = await imported(scope, path, *site())
    assert (card.status, card.can_resume, card.skipped) == (ImportStatus.FAILED, True, [])
    assert await rows(Post) == []
    await blog.resume_import(scope, card.id)
    assert (await blog.run_import(scope, card.id)).counts == {"posts": POSTS, "comments": POSTS, "authors": 1}


async def test_a_batch_that_takes_too_long_ends_the_import_which_goes_on_later(
    real_db: str, scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await psycopg.AsyncConnection.connect(real_db) as somebody:
        await somebody.execute("LOCK TABLE comments")
        with monkeypatch.context() as patched:
            patched.setattr(running, "PATIENCE", 0.2)
            card = await imported(scope, path, *site())
    assert (card.status, card.can_resume, card.done) == (ImportStatus.FAILED, True, 0)
    assert card.failure == (
        "Writing some of the posts took longer than 0.2 seconds. What came in so far stays, and the import can go on"
        " from there."
    )
    assert await rows(Post) == []
    await blog.resume_import(scope, card.id)
    assert (await blog.run_import(scope, card.id)).counts == {"posts": POSTS, "comments": POSTS, "authors": 1}


async def test_a_post_that_is_deleted_while_its_comments_come_in_comes_back_with_them(
    scope: Scope, path: Path, engine: AsyncEngine
) -> None:
    await imported(scope, path, item(1))
    with before(engine, "INSERT INTO comments", lambda ours, _: ours.execute("DELETE FROM posts WHERE view_count = 0")):
        card = await imported(scope, path, item(1, comments=[comment(1)]), item(2))
    assert (card.status, card.skipped) == (ImportStatus.DONE, [])
    assert card.counts == {"posts": 2, "comments": 1}
    assert (len(await rows(Post)), len(await rows(Comment))) == (2, 1)
