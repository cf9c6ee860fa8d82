"""`serve` as a person or a supervisor uses it: started, stopped, killed, and started again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets import InvalidStatus, Origin
from websockets.sync.client import ClientConnection, connect

from myapp.config import ROOT
from myapp.kit import embedded_postgres
from myapp.server import _gist
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away, free_port

type Start = Callable[..., Served]


@pytest.fixture(scope="module")
def pages() -> None:
    build_pages()


@pytest.fixture
def start(pages: None, tmp_path: Path) -> Iterator[Start]:
    servers: list[Served] = []

    def start(**options: Any) -> Served:
        servers.append(Served(tmp_path / "data", **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    clear_away(tmp_path)


def a_tab(server: Served) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket", origin=Origin(server.url))


def add_row(data_dir: Path) -> None:
    with psycopg.connect(embedded_postgres.ensure(data_dir, database="myapp")) as connection:
        connection.execute("create table if not exists rows (id int generated always as identity)")
        connection.execute("insert into rows default values")
    embedded_postgres.release(data_dir)


def count_rows(data_dir: Path) -> int:
    with psycopg.connect(embedded_postgres.ensure(data_dir, database="myapp")) as connection:
        row = connection.execute("select count(*) from rows").fetchone()
    embedded_postgres.release(data_dir)
    assert row is not None
    return int(row[0])


def is_up(data_dir: Path) -> bool:
    return (data_dir / "postgres/cluster/postmaster.pid").exists()


def serves_pages_api_sockets_and_channels(server: Served) -> None:
    assert "<!doctype html>" in server.get("/").text.lower()
    assert server.get("/ping").json() == "pong"
    with a_tab(server) as tab:
        assert str(tab.recv()).startswith("0{")
    channels = f"ws://127.0.0.1:{server.port}/socket/websocket?vsn=2.0.0"
    with connect(channels, origin=Origin(server.url)) as client:
        client.send('["1","1","nowhere:1","phx_join",{}]')
        answer = '{"status":"error","response":{"reason":"unmatched topic"}}'
        assert client.recv() == f'["1","1","nowhere:1","phx_reply",{answer}]'
    with pytest.raises(InvalidStatus, match="403"):
        connect(channels, origin=Origin("http://evil.example"))


def test_asked_to_stop_it_stops_postgresql_too_and_the_next_start_has_every_row(start: Start) -> None:
    server = start().answers().says("ada@demo.example")
    add_row(server.data_dir)

    with a_tab(server) as tab:
        tab.recv()  # somebody has a page open
        assert server.stop(signal.SIGTERM) == 0

    assert not is_up(server.data_dir)
    again = start(port=server.port, has_imported=True).answers()
    assert count_rows(server.data_dir) == 1
    assert again.stop(signal.SIGINT) == 0
    assert not is_up(server.data_dir)


def test_killed_at_any_moment_of_its_start_or_later_it_does_not_hinder_the_next(start: Start) -> None:
    for moment in (0.1, 0.4, 0.8, 1.2):
        server = start()
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(moment)
        server.stop(signal.SIGKILL)
    server = start().answers()
    add_row(server.data_dir)

    server.stop(signal.SIGKILL)

    assert start(port=server.port, has_imported=True).answers().get("/").status_code == 200
    assert count_rows(server.data_dir) == 1


def test_a_taken_port_is_one_line_before_anything_else_happens(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = start(port=other.getsockname()[1])

        assert server.ended() == 1

    assert len(server.said) == 1
    assert str(server.port) in server.said[0]
    assert not server.data_dir.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MYAPP_HOST", "nowhere.invalid"),
        ("REDIS_URL", "redis://:s3cret@127.0.0.1:1/0"),
        ("REDIS_URL", "redis://:s3cret@127.0.0.1:1/0?colour=red"),
    ],
)
def test_what_cannot_be_reached_is_one_line_that_names_it(start: Start, name: str, value: str) -> None:
    server = start(has_imported=True, **{name: value})
    assert server.ended() == 1
    assert [line.partition(":")[0] for line in server.said] == [name]
    assert "s3cret" not in server.said[0]


def test_two_with_their_own_data_serve_all_on_one_port_each_side_by_side(start: Start, tmp_path: Path) -> None:
    furnish(tmp_path / "data")
    one, other = start(has_imported=True), Served(furnish(tmp_path / "other"), has_imported=True)
    try:
        one.answers()
        other.answers()
        add_row(other.data_dir)
        assert other.stop() == 0
    finally:
        other.close()

    serves_pages_api_sockets_and_channels(one)
    assert is_up(one.data_dir)


def test_a_killed_make_takes_it_along(start: Start, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    furnish(tmp_path / "data")
    port = free_port()
    script = f"MAKELEVEL=1 MYAPP_PORT={port} MYAPP_DATA_DIR={tmp_path / 'data'} '{sys.executable}' -m myapp serve; true"
    make = subprocess.Popen(["/bin/sh", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert make.stdout is not None
    next(line for line in make.stdout if str(port) in line)

    make.kill()
    make.wait()
    make.stdout.read()  # ends when the server has

    assert not is_up(tmp_path / "data")
    make.stdout.close()


def test_wrong_settings_are_one_line_and_exit_code_2(start: Start) -> None:
    server = start(has_imported=True, DATABASE_URL="mysql://ada@db/house")

    assert server.ended() == 2
    assert server.said == ["DATABASE_URL: must look like postgresql://user:password@host:5432/name\n"]


def test_a_database_that_is_not_there_is_one_line(start: Start) -> None:
    server = start(has_imported=True, DATABASE_URL="postgresql://ada@127.0.0.1:1/house")

    assert server.ended() == 1
    assert len(server.said) == 1
    assert server.said[0].startswith("DATABASE_URL: ")


def test_a_failed_build_is_told_without_what_npm_says_to_itself() -> None:
    chatter = [f"npm {level} packument cache-miss {number}" for level in ("silly", "verbose") for number in range(900)]
    why = ["npm error code SELF_SIGNED_CERT_IN_CHAIN", "npm error request failed"]

    assert _gist("\n".join([*chatter, *why, *chatter])) == "\n".join(why)
