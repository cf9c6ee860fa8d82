"""What strangers may say on Reflex's socket: what a page of ours says. All else ends the connection without a word."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from websockets import ConnectionClosed, InvalidStatus, Origin
from websockets.sync.client import ClientConnection, connect

from tests.furnished import furnish
from tests.serving import Served, clear_away

JOIN = "40/_event,"
FRAMES: list[str | bytes] = [
    "", "[", "x", "7", "9x", "2probe", "5", "4", "4x", "4\0", "40", "40/other,", '40/_event,{"a"', "42", "42/_event",
    "42/_event,", "42/_event,[]", "42/_event,{}", "42/_event,null", "42/_event,1e400[]", "42/_event?a=b,[]",
    '42/_event,["event"]', '42/_event,["event",null]', '42/_event,["event",{', '42/_event,["event",{}],',
    '42/_event,["event",{"a":' + "[" * 5000, '42/_event,[{"a":1}]', '42["event",{}]', '42/_event,["ping"]',
    '42/_event,["disconnect"]', "43/_event,1[]", "44{}", "45", '451-/_event,["event",{"_placeholder":true,"num":0}]',
    b"", b"\x04abc", "b", "bAAAA",
    # Socket.IO would call `on_connect` with it: whoever says so comes from where they like, for the audit trail, too.
    '42/_event,["connect",{"asgi.scope":{"client":["203.0.113.66",1],"headers":[]},"QUERY_STRING":"token=b"}]',
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """As in production: what it logs is JSON."""
    folder: Path = tmp_path_factory.mktemp("frames")
    server = Served(furnish(folder / "data"), has_imported=True, LOG_FORMAT="json")
    yield server.answers().says("  yusuf")  # the last that it says of itself
    server.close()
    clear_away(folder)


def socket_of(server: Served, origin: str | None = None) -> ClientConnection:
    address = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket&token=abc"
    return connect(address, origin=Origin(origin or server.url))


def answer(socket: ClientConnection, beginning: str) -> str:
    """The next frame that begins so."""
    while not (said := str(socket.recv(timeout=20))).startswith(beginning):
        pass
    return said


@pytest.mark.parametrize("joins", [True, False])
def test_a_frame_that_no_page_of_ours_sends_ends_the_connection_and_is_no_error(server: Served, joins: bool):
    before = len(server.said)
    for frame in FRAMES:
        with socket_of(server) as socket:
            answer(socket, "0")
            if joins:
                socket.send(JOIN)
                answer(socket, JOIN)
            socket.send(frame)
            with pytest.raises(ConnectionClosed):
                answer(socket, "never")
    assert server.get("/health/live").status_code == 200
    assert server.said[before:] == []


@pytest.mark.parametrize("event", ["event", "client_error"])
def test_more_than_one_payload_is_refused_and_the_connection_goes_on(server: Served, event: str):
    before = len(server.said)
    with socket_of(server) as socket:
        socket.send(JOIN)
        answer(socket, JOIN)
        for frame in (f'42/_event,["{event}",{{}},2,3]', "3", "41/_event,", JOIN):
            socket.send(frame)
        answer(socket, JOIN)
    assert '"error"' not in "".join(server.said[before:]), "what a browser reports of itself is a warning"


def test_who_comes_from_elsewhere_is_refused_and_is_no_error(server: Served):
    before = len(server.said)
    with pytest.raises(InvalidStatus):
        socket_of(server, "https://evil.example")
    assert server.said[before:] == []
