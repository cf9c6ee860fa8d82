"""What is under way when a server is asked to stop is finished; what was said to be done outlives a kill -9."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from websockets import ConnectionClosed, Origin
from websockets.sync.client import ClientConnection, connect

from tests.boot.test_work_in_flight import database
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away
from tests.web.our_page import from_our_page

WITHIN = 25.0
MANY = 20
ROOM = """SELECT chat_rooms.id::text FROM chat_rooms JOIN organizations ON organizations.id = chat_rooms.org_id
          WHERE organizations.slug = 'demo' AND chat_rooms.visibility = 'public' ORDER BY chat_rooms.id LIMIT 1"""
WISHES = "SELECT wants_mail FROM user_settings JOIN users ON users.id = user_id WHERE username = 'ada'"
ROOT = "reflex___state____state"
ROUTE = {"pathname": "/settings/notifications", "asPath": "/settings/notifications", "query": {}}
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
    with database(server) as connection:
        return [row[0] for row in connection.execute(statement.encode())]


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


@contextmanager
def half_sent(server: Served) -> Generator[tuple[socket.socket, bytes]]:
    """A request for a token of which the server has read the first half, and the second half."""
    body = json.dumps(CREDENTIALS).encode()
    head = ["POST /api/v1/tokens HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Content-Type: application/json"]
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body[:10])
        server.get("/health/live").raise_for_status()  # by now it has read that
        yield slow, body[10:]


def test_what_is_under_way_is_finished_and_clients_are_told_to_come_back(server: Served) -> None:
    """A request, words in a room, and a live event that waits for the database."""
    names = [f"word-{number}" for number in range(MANY)]
    with ExitStack() as stack:
        tab, owner = stack.enter_context(tab_of_ada(server)), stack.enter_context(database(server))
        ada, (slow, rest) = stack.enter_context(speaker(server)), stack.enter_context(half_sent(server))
        owner.execute("LOCK TABLE user_settings IN SHARE ROW EXCLUSIVE MODE")
        tab.send(event("notifications___settings____notification_settings_state.choose_mail", wanted=False))
        wait_for_a_waiter(owner, "user_settings")
        ada.say(*names)

        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert ada.hears_until_closed() == 1012
        slow.sendall(rest)
        assert slow.recv(4096).startswith(b"HTTP/1.1 201")
        with suppress(ConnectionClosed):
            while True:
                tab.recv(timeout=WITHIN)
        owner.commit()

    assert server.process.wait(timeout=WITHIN) == 0
    assert time.monotonic() - began < WITHIN
    with started_again(server) as again:
        assert query(again, WISHES) == [False]
        assert ada.answered - {"join"} <= set(stored(again))
        with speaker(again) as back:
            back.say(*names)  # as a page does with what was not answered
            while not back.answered >= set(names):
                back.hear()
        assert sorted(stored(again)) == sorted(names)


def test_killed_outright_it_has_kept_all_that_was_answered(server: Served) -> None:
    with speaker(server) as ada, half_sent(server) as (slow, _):
        ada.say(*(f"word-{number}" for number in range(MANY)))
        while len(ada.answered) < MANY // 3:
            ada.hear()
        server.stop(signal.SIGKILL)
        ada.hears_until_closed()
        with suppress(ConnectionResetError):
            assert slow.recv(4096) == b""  # it was not answered, and so it is sent again

    with started_again(server) as again:
        assert ada.answered - {"join"} <= set(stored(again))
        assert again.post("/api/v1/tokens", json=CREDENTIALS).status_code == 201


@contextmanager
def tab_of_ada(server: Served) -> Generator[ClientConnection]:
    """A page's connection, on which she has arrived."""
    headers = from_our_page(server.url)
    entered = server.post("/session", data=CREDENTIALS, headers=headers)
    cookies = "; ".join(f"{name}={value}" for name, value in entered.cookies.items())
    assert "session" in cookies, entered.text
    url = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket&token={uuid4()}"
    with connect(url, origin=Origin(server.url), additional_headers={"cookie": cookies}) as tab:
        tab.recv(timeout=WITHIN)
        hello = {"event": {"name": f"{ROOT}.hydrate_and_load", "payload": {}, "router_data": ROUTE}}
        tab.send("40/_event," + json.dumps(hello))
        while not str(tab.recv(timeout=WITHIN)).startswith("42/_event,"):
            pass
        yield tab


def event(handler: str, **payload: object) -> str:
    """As a browser sends it."""
    name = f"{ROOT}.myapp___web___{handler}"
    return "42/_event," + json.dumps(["event", {"name": name, "payload": payload, "router_data": ROUTE}])


def wait_for_a_waiter(connection: psycopg.Connection[Any], table: str) -> None:
    """Until somebody waits for a lock on the table."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    deadline = time.monotonic() + WITHIN
    while connection.execute(waiting, (table,)).fetchone() == (0,):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def started_again(server: Served) -> Generator[Served]:
    again = Served(server.data_dir, port=server.port, has_imported=True)
    try:
        yield again.answers()
    finally:
        again.stop()
        again.close()
