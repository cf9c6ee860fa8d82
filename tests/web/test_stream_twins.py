"""The browser's copy of a stream does, step by step, what the platform's does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from myapp import toolchain
from myapp.config import ROOT
from myapp.kit.streams import Replica

WEB = ROOT / "myapp" / "web"
SCRIPT = WEB / "live" / "browser" / "stream_window.js"
DRIVER = Path(__file__).parent / "live_twin.mjs"

WORDS = ["", "a", "z\ud7ff", "\uff71", "\uff71a", "🎉", "🎊", "🎉a"]
"""Of which JavaScript takes the last three for less than the two before."""

rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abcdefgh"),
        "sort": st.tuples(st.integers(0, 5), st.sampled_from(WORDS)).map(list),
        "version": st.integers(0, 3),
    }
)
pages = st.lists(rows, max_size=4, unique_by=lambda row: str(row["id"]))
operations = st.one_of(
    st.tuples(st.just("insert"), rows),
    st.tuples(st.just("insert"), rows, st.sampled_from(["head", "tail"])),
    st.tuples(st.just("update"), rows),
    st.tuples(st.just("delete"), st.sampled_from("abcdefgh")),
    st.tuples(st.just("reset"), pages, st.booleans()),
    st.tuples(st.just("change"), st.just("id"), st.sampled_from("abcdefgh"), st.just({"name": "Ada"})),
)
messages = st.fixed_dictionaries(
    {
        "epoch": st.sampled_from(["e", "e", "e", "f"]),
        "from": st.integers(0, 6),
        "seq": st.integers(0, 6),
        "ops": st.lists(operations, max_size=4),
    }
)
answers = st.fixed_dictionaries(
    {"epoch": st.sampled_from(["e", "f"]), "seq": st.integers(0, 6), "rows": pages, "more": st.booleans()}
)
ends = st.sampled_from(["head", "tail"])
acts = st.one_of(
    st.tuples(st.just("joined"), messages),
    st.tuples(st.just("heard"), messages),
    st.tuples(st.just("heard"), messages),
    st.tuples(st.just("ask"), ends),
    st.tuples(st.just("answered"), ends, answers),
    st.tuples(st.just("reads_after"), st.none() | st.tuples(st.integers(0, 5), st.sampled_from(WORDS), st.just("c"))),
    st.tuples(st.just("ask_to_return")),
    st.tuples(st.just("returned"), st.none() | answers, st.integers(0, 3)),
)


class Twin:
    """The browser's script in Node."""

    def __init__(self) -> None:
        node = toolchain.programs_folder() / "node"
        self._process = subprocess.Popen(
            [node, DRIVER, SCRIPT.as_uri()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def play(self, script: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(script) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def twin() -> Generator[Twin]:
    twin = Twin()
    yield twin
    twin.end()


def play(script: dict[str, Any]) -> dict[str, Any]:
    """The same on the platform's copy."""
    replica = Replica(descending=script["descending"], limit=script["limit"])
    asked = [_act(replica, name, values) for name, *values in script["acts"]]
    window, position = replica.window, replica.position
    return {
        "rows": list(window.rows),
        "start": window.start and list(window.start),
        "end": window.end and list(window.end),
        "position": position and {"epoch": position.epoch, "seq": position.seq},
        "is_lost": replica.is_lost,
        "asked": [each and list(each) for each in asked],
    }


def _act(replica: Replica, name: str, values: list[Any]) -> Any:
    if name == "reads_after":
        replica.reads_after = tuple(values[0]) if values[0] else None
        return None
    return getattr(replica, name)(*values)


def _inserting(*words: str) -> dict[str, Any]:
    rows = [{"id": str(at), "sort": [0, word], "version": 0} for at, word in enumerate(words)]
    opening = {"epoch": "e", "from": 0, "seq": 0, "ops": [("insert", row) for row in rows]}
    return {"descending": False, "limit": 0, "acts": [("joined", opening)]}


@example(_inserting("🎉", "\uff71", "🎊", "\uff71a", "🎉a"))
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.fixed_dictionaries(
        {"descending": st.booleans(), "limit": st.sampled_from([0, 3]), "acts": st.lists(acts, max_size=15)}
    )
)
def test_the_browser_shows_what_the_platform_says(twin: Twin, script: dict[str, Any]) -> None:
    plain = json.loads(json.dumps(script))
    assert twin.play(plain) == play(plain)


@pytest.mark.parametrize(
    ("script", "rules"), [("stream_topic", 17), ("room_topic", 9), ("user_topic", 7), ("connection", 9), ("square", 4)]
)
def test_a_script_of_the_browser_keeps_its_rules(script: str, rules: int) -> None:
    """The rules stand in `<script>_test.mjs`."""
    node = toolchain.programs_folder() / "node"
    (path,) = WEB.rglob(f"{script}.js")
    environment = {**os.environ, script.upper(): path.as_uri()}
    command = [node, "--test", "--test-force-exit", DRIVER.with_name(f"{script}_test.mjs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"pass {rules}" in done.stdout
