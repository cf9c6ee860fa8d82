"""A process that serves, as a balancer and a browser see it: its health, and the headers of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("o")
    build_pages()
    server = Served(furnish(folder / "data"), has_imported=True)
    yield server.answers()
    server.close()
    clear_away(folder)


def test_it_says_how_it_is(server: Served) -> None:
    assert server.get("/health/live").json() == {"status": "ok"}
    assert server.get("/health/ready").json() == {"status": "ok"}
    assert {"database", "migrations", "jobs"} <= server.get("/health").json()["checks"].keys()


@pytest.mark.parametrize(
    "path", ["/", "/log-in", "/o/demo/posts", "/nowhere", "/health", "/files/x/y/z", "/dev/mailbox"]
)
def test_every_answer_is_dressed(server: Served, path: str) -> None:
    headers = server.get(path, headers={"x-request-id": "req-of-this-test"}).headers

    assert headers["x-request-id"] == "req-of-this-test"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    if headers["content-type"].startswith("text/html") and path != "/dev/mailbox":
        assert "'sha256-" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'unsafe" not in policy


def test_too_large_a_request_is_refused_before_it_is_read(server: Served) -> None:
    answer = server.post("/session", content=b"x" * (2 << 20), headers={"origin": server.url})

    assert answer.status_code == 413
