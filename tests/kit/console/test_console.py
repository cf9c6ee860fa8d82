"""What one who is attached may see and do, who that may be, and that it is all in the log."""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from myapp.kit import console
from myapp.kit.console import Attached, Connection, ConsoleError, _server, processes
from myapp.kit.console._wire import Answered
from myapp.kit.supervisor import Agent, ChildSpec, as_root, supervised

type Ask = Callable[[str], Coroutine[Any, Any, Answered]]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Near enough to the root for a socket's name."""
    return tmp_path_factory.mktemp("c")


@pytest.fixture
async def ask(folder: Path) -> AsyncGenerator[Ask]:
    """Attached to this very process."""
    async with console.running(folder, {"answer": 42}):
        with Connection(folder, os.getpid()) as connection:
            yield lambda code: asyncio.to_thread(connection.ask, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1 + 1", "2"),
        ("answer", "42"),
        ("await asyncio.sleep(0, 'waited')", "waited"),
        ("x = 3", ""),
        ("print('said', 'so')", "said so\n"),
        ("logs.errors.__name__", "errors"),
        ("[y for y in range(3)]", "[0, 1, 2]"),
    ],
)
async def test_what_is_typed_runs_here_and_comes_back(ask: Ask, code: str, text: str) -> None:
    await ask("import asyncio")
    answered = await ask(code)

    assert not answered["is_error"]
    assert answered["text"] == text


async def test_names_last_as_long_as_the_connection(ask: Ask) -> None:
    await ask("x = 20")
    await ask("x + 1")

    assert (await ask("_ * 2"))["text"] == "42"
    assert "trace" in (await ask("help()"))["text"]


async def test_a_mistake_is_shown_from_where_it_was_typed_and_ends_nothing(ask: Ask) -> None:
    answered = await ask("1 / 0")

    assert answered["is_error"]
    assert answered["text"].splitlines()[1].strip().startswith('File "<attached>", line 1')
    assert "ZeroDivisionError" in answered["text"]
    assert (await ask("f("))["is_error"]
    assert (await ask("raise SystemExit(3)"))["is_error"]
    assert (await ask("'still here'"))["text"] == "still here"


async def test_everything_typed_is_in_the_log(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await ask("'a ' + 'deed'")

    assert "typed: 'a ' + 'deed'" in caplog.text


async def test_tasks_are_shown_with_the_line_at_which_they_wait(ask: Ask) -> None:
    never = asyncio.Event()

    async def inner() -> None:
        await never.wait()

    async def outer() -> None:
        await inner()

    task = asyncio.create_task(outer(), name="waits for ever")
    try:
        listed = (await ask("tasks()"))["text"]
        way = (await ask("stack('waits for')"))["text"]
    finally:
        task.cancel()

    [line] = [line for line in listed.splitlines() if line.startswith("waits for ever")]
    assert "outer" in line
    assert line.endswith(".inner")
    assert [part.strip().split(" in ")[1].split("    ")[0] for part in way.splitlines()[1:]] == [
        outer.__qualname__, inner.__qualname__, "Event.wait",
    ]  # fmt: skip
    assert "await inner()" in way


async def called(name: str, password: str = "") -> str:
    await asyncio.sleep(0)
    if name == "bad":
        raise ValueError(name)
    return name.upper()


async def test_the_calls_of_a_function_are_traced_and_then_no_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("traced_here")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(module, "called", called, raising=False)
    async with console.running(folder):
        with Connection(folder, os.getpid()) as connection:
            asking = asyncio.create_task(asyncio.to_thread(connection.ask, "await trace('traced_here:called', 0.5)"))
            while not asking.done():
                await called("ada", password="Password='geheim'")
                with pytest.raises(ValueError, match="bad"):
                    await called("bad")
                await asyncio.sleep(0.01)
            text = (await asking)["text"]
            of_no_function = await asyncio.to_thread(connection.ask, "await trace(len)")

    assert "called(name='ada'" in text
    assert "→ 'ADA'" in text
    assert "× ValueError('bad')" in text
    assert "geheim" not in text
    assert sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID) is None
    assert "no function" in of_no_function["text"]


async def test_a_profile_names_what_takes_the_time(ask: Ask) -> None:
    def spin() -> None:
        for _ in range(20_000):
            pass

    asking = asyncio.create_task(ask("await profile(0.3)"))
    while not asking.done():
        spin()
        await asyncio.sleep(0)
    text = (await asking)["text"]

    assert text.startswith("busy for ")
    assert "(spin)" in text
    assert sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is None


async def test_who_attaches_is_noted_before_they_can_do_anything(folder: Path) -> None:
    noted: list[Attached] = []

    async def note(attached: Attached) -> None:
        noted.append(attached)

    async with console.running(folder, {"noted": noted}, note=note):
        with Connection(folder, os.getpid()) as connection:
            answered = await asyncio.to_thread(connection.ask, "len(noted)")

    assert answered["text"] == "1"
    assert noted == [Attached(pwd.getpwuid(os.getuid()).pw_name, os.getuid(), os.getpid())]


async def test_where_nobody_can_note_it_one_may_still_look_what_is_the_matter(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "NOTE", 0.01)
    hangs = asyncio.Event()

    async def note(_attached: Attached) -> None:
        await hangs.wait()

    async with console.running(folder, note=note):
        with Connection(folder, os.getpid()) as connection:
            answered = await asyncio.to_thread(connection.ask, "1 + 1")

    assert answered["text"] == "2"
    assert "attached is noted in this log alone" in caplog.text


async def test_who_goes_away_has_it_cancelled(folder: Path) -> None:
    cancelled, begun = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with console.running(folder, {"wait": wait}):
        _, writer = await asyncio.open_unix_connection(str(folder / "attach" / f"{os.getpid()}.sock"))
        writer.write(b'{"code": "await wait()"}\n')
        await begun.wait()
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 5)


async def test_nobody_else_may_open_it(folder: Path) -> None:
    async with console.running(folder):
        place = folder / "attach" / f"{os.getpid()}.sock"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert processes(folder) == [os.getpid()]
        if os.getuid() == 0 and (python := shutil.which("python3", path="/usr/bin:/bin")):
            code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(place)!r})"
            tried = await asyncio.to_thread(
                subprocess.run,
                [python, "-S", "-c", code],
                user="nobody",
                capture_output=True,
                text=True,
                check=False,
            )
            assert "PermissionError" in tried.stderr
    assert processes(folder) == []
    with pytest.raises(ConsoleError, match="cannot be attached to"), Connection(folder, os.getpid()):
        pass


async def test_somebody_else_who_gets_in_is_shown_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_server, "_peer", lambda _: (1, os.getuid() + 1))
    async with console.running(folder):
        with Connection(folder, os.getpid()) as connection:
            with pytest.raises(ConsoleError, match="has ended the connection"):
                await asyncio.to_thread(connection.ask, "1")

    assert "somebody else tried to attach" in caplog.text
    assert "typed" not in caplog.text


async def test_where_no_socket_is_to_be_had_the_process_goes_on(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with console.running(folder / ("x" * 90)):
        assert "nobody can attach" in caplog.text


def test_what_dead_processes_left_is_cleared_away(folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    left = folder / "attach" / f"{ended.pid}.sock"
    left.parent.mkdir()
    left.touch()

    assert processes(folder) == []
    assert not left.exists()


async def test_the_state_of_an_actor_is_shown_as_it_is(ask: Ask) -> None:
    async with Agent[dict[str, int]].running(lambda: {"cups": 2}) as agent:
        listed = (await ask("actors()"))["text"]
        assert listed.startswith(f"{agent.number} Agent: waits, 0 messages, ")
        assert (await ask("state('Agent')"))["text"] == "{'cups': 2}"
        assert (await ask(f"state({agent.number})['cups']"))["text"] == "2"
        assert "no actors are called Spoon" in (await ask("state('Spoon')"))["text"]
    assert (await ask("actors()"))["text"] == "no server runs"


async def test_what_runs_is_shown_as_a_tree_and_its_children_can_be_ended(ask: Ask) -> None:
    starts = 0

    @asynccontextmanager
    async def child() -> AsyncGenerator[None]:
        nonlocal starts
        starts += 1
        yield

    async with supervised("a test", [ChildSpec("one", child)]) as root:
        with as_root(root):
            await ask("root().kill('one')")
            async with asyncio.timeout(20):
                shown = ""
                while "started again 1 times" not in shown or starts < 2:
                    shown = (await ask("tree()"))["text"]

    assert re.search(r"one: running for \d+ s, started again 1 times", shown)
