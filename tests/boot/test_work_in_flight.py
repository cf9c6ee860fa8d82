"""An import and a mail that are under way when a server is stopped, or killed: none is lost, and none done twice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from myapp.kit import embedded_postgres
from tests.factories.wordpress import large_export
from tests.furnished import furnish
from tests.kit.mailer.smtp import Inbox, smtp_server
from tests.serving import PATIENCE, Served, build_pages, clear_away
from tests.web.our_page import from_our_page

WITHIN = 25.0
POSTS, COMMENTS = 500, 1000
CREDENTIALS = {"email": "ada@demo.example", "password": "Demonstration1"}
IMPORT = "SELECT status, done, total FROM imports"
JOBS = "SELECT split_part(worker, '.', -1), state::text, attempt FROM oban_jobs WHERE worker ~ 'RunImport|DeliverMail'"
AGE = """
DELETE FROM oban_leaders;
DELETE FROM oban_producers;
UPDATE oban_jobs SET attempted_at = attempted_at - interval '1 hour' WHERE state = 'executing';
UPDATE mails SET next_attempt_at = next_attempt_at - interval '1 hour';
"""
"""An hour later, for those who were killed."""


@pytest.fixture(scope="module")
def pages() -> None:
    build_pages()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """Of a server for mail that never says that it has one."""
    async with smtp_server(Inbox(before_data=asyncio.Event().wait)) as inbox:
        yield inbox


@contextmanager
def database(server: Served) -> Generator[psycopg.Connection[Any]]:
    """As its owner."""
    url = embedded_postgres.ensure(server.data_dir, database="myapp")
    try:
        with psycopg.connect(url) as connection:
            yield connection
    finally:
        embedded_postgres.release(server.data_dir)


def until(server: Served, statement: str, is_so: Any) -> None:
    """Ask until the answer is right."""
    deadline = time.monotonic() + PATIENCE
    with database(server) as connection:
        connection.autocommit = True
        while not is_so(found := connection.execute(statement.encode()).fetchall()):
            assert time.monotonic() < deadline, found
            assert server.process.poll() is None, "".join(server.said)
            time.sleep(0.01)


def ask_for_both(server: Served, path: Path) -> None:
    token = server.post("/api/v1/tokens", json=CREDENTIALS).json()["data"]["access_token"]
    large_export(path, posts=POSTS, comments=COMMENTS)
    headers = {"authorization": f"Bearer {token}"}
    sent = server.post("/uploads/imports/demo?filename=site.xml", content=path.read_bytes(), headers=headers)
    assert sent.status_code == 202, sent.text
    asked = server.post("/session/reset", data={"email": CREDENTIALS["email"]}, headers=from_our_page(server.url))
    assert asked.is_success or asked.is_redirect, asked.text


def interrupt(server: Served, number: int) -> int:
    """Send it the signal in the middle of both; its exit code."""
    until(server, "SELECT attempts FROM mails WHERE kind = 'accounts.reset'", lambda rows: rows == [(1,)])
    until(server, IMPORT, lambda rows: rows[0][1] > 0)
    with database(server) as holding:
        [(status, done, total)] = holding.execute(f"{IMPORT} FOR UPDATE".encode()).fetchall()  # the next batch waits
        assert (status, total) == ("running", POSTS)
        assert 0 < done < total
        server.process.send_signal(number)
        if number == signal.SIGKILL:
            server.process.wait(timeout=PATIENCE)
    return server.process.wait(timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_both_are_done_once_by_the_next_process(
    pages: None, tmp_path: Path, inbox: Inbox, number: signal.Signals
) -> None:
    server = Served(furnish(tmp_path / "data"), has_imported=True, SMTP_URL=inbox.url)
    try:
        await asyncio.to_thread(server.answers)
        await asyncio.to_thread(ask_for_both, server, tmp_path / "site.xml")
        began = time.monotonic()
        code = await asyncio.to_thread(interrupt, server, number)
        if number == signal.SIGTERM:
            assert (code, time.monotonic() - began < WITHIN) == (0, True), "".join(server.said)
        with database(server) as connection:
            states = {name: (state, attempt) for name, state, attempt in connection.execute(JOBS.encode())}
            if number == signal.SIGTERM:
                assert states == {"RunImport": ("scheduled", 0), "DeliverMail": ("available", 0)}
            else:
                assert states == {"RunImport": ("executing", 1), "DeliverMail": ("executing", 1)}
                connection.execute(AGE.encode())
        assert inbox.subjects == []
    finally:
        server.close()

    inbox.before_data = None
    again = Served(server.data_dir, command="worker", has_imported=True, SMTP_URL=inbox.url)
    try:
        await asyncio.to_thread(until, again, JOBS, lambda rows: {state for _, state, _ in rows} == {"completed"})
        with database(again) as connection:
            assert connection.execute(IMPORT.encode()).fetchall() == [("done", POSTS, POSTS)]
            counts = connection.execute(
                b"""SELECT count(DISTINCT posts.id), count(comments.id) FROM imports JOIN posts USING (org_id)
                    LEFT JOIN comments ON comments.post_id = posts.id
                    WHERE posts.inserted_at < '2024-12-31' OR posts.published_at < '2024-12-31'"""
            ).fetchall()
        assert counts == [(POSTS, COMMENTS)]
        assert len(inbox.subjects) == 1
        assert await asyncio.to_thread(again.stop) == 0
    finally:
        again.close()
        clear_away(tmp_path)
