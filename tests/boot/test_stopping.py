"""What is under way when a server is asked to stop is finished; what was said to be done outlives a kill -9."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from myapp.kit import embedded_postgres
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away

WITHIN = 25.0
MANY = 20
ROOM = """SELECT chat_rooms.id::text FROM chat_rooms JOIN organizations ON organizations.id = chat_rooms.org_id
          WHERE organizations.slug = 'demo' AND chat_rooms.visibility = 'public' ORDER BY chat_rooms.id LIMIT 1"""
CREDENTIALS = {"email": "ada@demo.example", "password": "Demonstration1"}


@pytest.fixture(scope="module")
def pages() -> None:
    build_pages()


@pytest.fixture
def server(pages: None, tmp_path: Path) -> Iterator[Served]:
    server = Served(furnish(tmp_path / "data"), has_imported=True)
    yield server.answers()
    server.close()
    clear_away(tmp_path)


def query(server: Served, statement: str) -> list[Any]:
    """The first column of what the owner of the database is answered."""
    with psycopg.connect(embedded_postgres.ensure(server.data_dir, database="myapp")) as connection:
        rows = connection.execute(statement.encode()).fetchall()
    embedded_postgres.release(server.data_dir)
    return [row[0] for row in rows]


class Speaker:
    """Ada, in a room of the demonstration, with a program of hers."""

    def __init__(self, wire: ClientConnection, room: str) -> None:
        self.wire = wire
        self.topic = f"room:{room}"
        self._send("join", "phx_join", {})
        self.answered: set[str] = set()
        while "join" not in self.answered:
            self.hear()

    def say(self, *names: str) -> None:
        """Without waiting for the answers."""
        for name in names:
            self._send(name, "new_msg", {"body": name, "client_id": name})

    def hear(self) -> None:
        """Take in the next frame."""
        _, ref, _, event, payload = json.loads(self.wire.recv(timeout=30))
        if event == "phx_reply":
            assert payload["status"] == "ok", payload
            self.answered.add(ref)

    def hears_until_closed(self) -> int:
        """The code with which the server ended it."""
        try:
            while True:
                self.hear()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def _send(self, ref: str, event: str, payload: object) -> None:
        self.wire.send(json.dumps(["join", ref, self.topic, event, payload]))


@contextmanager
def speaker(server: Served) -> Generator[Speaker]:
    [room] = query(server, ROOM)
    token = server.post("/api/v1/tokens", json=CREDENTIALS).json()["data"]["access_token"]
    with connect(f"ws://127.0.0.1:{server.port}/socket/websocket?vsn=2.0.0&token={token}") as wire:
        yield Speaker(wire, room)


def stored(server: Served) -> list[str]:
    return query(server, "SELECT body FROM chat_messages WHERE body LIKE 'word-%'")


def test_a_request_and_words_under_way_are_finished_and_clients_are_told_to_come_back(server: Served) -> None:
    names = [f"word-{number}" for number in range(MANY)]
    body = json.dumps(CREDENTIALS).encode()
    with speaker(server) as ada, socket.create_connection(("127.0.0.1", server.port)) as slow:
        head = ["POST /api/v1/tokens HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Content-Type: application/json"]
        slow.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body[:10])
        server.get("/health/live").raise_for_status()  # by now it has read the first half
        ada.say(*names)

        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert ada.hears_until_closed() == 1012
        slow.sendall(body[10:])
        assert slow.recv(4096).startswith(b"HTTP/1.1 201")

    assert server.process.wait(timeout=WITHIN) == 0
    assert time.monotonic() - began < WITHIN
    with started_again(server) as again:
        assert ada.answered - {"join"} <= set(stored(again))
        with speaker(again) as back:
            back.say(*names)  # as a page does with what was not answered
            while not back.answered >= set(names):
                back.hear()
        assert sorted(stored(again)) == sorted(names)


def test_killed_outright_it_has_kept_all_that_was_answered(server: Served) -> None:
    with speaker(server) as ada:
        ada.say(*(f"word-{number}" for number in range(MANY)))
        while len(ada.answered) < MANY // 3:
            ada.hear()
        server.stop(signal.SIGKILL)
        ada.hears_until_closed()

    with started_again(server) as again:
        assert ada.answered - {"join"} <= set(stored(again))


@contextmanager
def started_again(server: Served) -> Generator[Served]:
    again = Served(server.data_dir, port=server.port, has_imported=True)
    try:
        yield again.answers()
    finally:
        again.stop()
        again.close()
