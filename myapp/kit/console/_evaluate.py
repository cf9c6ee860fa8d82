"""What one who is attached types, run in the loop of the process."""

from __future__ import annotations

import ast
import inspect
import pprint
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from myapp.kit import health, logs
from myapp.kit.console._actors import actors, state
from myapp.kit.console._profile import profile
from myapp.kit.console._tasks import stack, tasks
from myapp.kit.console._trace import trace
from myapp.kit.console._tree import tree
from myapp.kit.supervisor import root

MOST = 200_000  # characters of an answer

_ABOUT = {
    "tasks": "tasks()                       every task, and where it waits",
    "stack": 'stack("scheduler")            how the tasks of that name came to where they wait',
    "tree": "tree()                        what runs, how often it was started again, and what it crashed of",
    "actors": "actors()                      every server: what it does, its mailbox, what it holds",
    "state": 'state("names")                what a server keeps, by its child, its class or its number',
    "root": 'root().kill("live/pubsub")    end a child, which comes back',
    "trace": 'await trace("module:name", 5) the calls of a function for 5 seconds',
    "profile": "await profile(5)              where the time goes, for 5 seconds; by='cumtime': with calls",
    "logs": 'logs.errors(), logs.of_request("…")',
    "health": "await health.report()",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be shown, and whether it is an error."""

    text: str
    is_error: bool = False


class Session:
    """The names of one who is attached: they last as long as the connection."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._printed = StringIO()
        looking = {"tasks": tasks, "stack": stack, "trace": trace, "profile": profile, "tree": tree, "root": root}
        looking |= {"actors": actors, "state": state}
        given: dict[str, object] = {**looking, "logs": logs, "health": health, **names}
        self._names: dict[str, Any] = {**given, "print": self._print, "help": lambda: _help(given)}

    async def run(self, source: str) -> Answer:
        """The value of an expression, awaited where that is what it is for; or what a statement prints."""
        self._printed.seek(0)
        self._printed.truncate()
        try:
            value = await self._value(source)
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - theirs to see, not to end us by
            lines = traceback.format_exception(error)
            return Answer(self._printed.getvalue() + "".join([lines[0], *_theirs(lines[1:])]), is_error=True)
        shown = "" if value is None else value if isinstance(value, str) else pprint.pformat(value, width=120)
        if value is not None:
            self._names["_"] = value
        text = self._printed.getvalue() + shown
        return Answer(text if len(text) <= MOST else f"{text[:MOST]}\n… and {len(text) - MOST:,} characters more")

    async def _value(self, source: str) -> object:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            code = compile(source, "<attached>", "eval", flags=flags)
        except SyntaxError:
            code = compile(source, "<attached>", "exec", flags=flags)
        value = eval(code, self._names)  # noqa: S307 - that is what a console is
        return await value if inspect.isawaitable(value) else value

    def _print(self, *things: object, sep: str = " ", end: str = "\n") -> None:
        self._printed.write(sep.join(map(str, things)) + end)


def _theirs(lines: list[str]) -> list[str]:
    """A traceback from where what they typed begins."""
    first = next((number for number, line in enumerate(lines) if "<attached>" in line), 0)
    return lines[first:]


def _help(given: Mapping[str, object]) -> str:
    return "\n".join(_ABOUT.get(name, name) for name in given)
