"""The log of all processes: what the address asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

import reflex as rx

from myapp import ops
from myapp.kit import routes
from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.ops import LinesLogged, LoggedLine
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.reading import read_again
from myapp.web.session import path_of, query, scope_of

LONGEST = 4000  # characters of a traceback


class LogRow(TypedDict):
    """A line of the log; `url` leads to all of its request, `process` says whose it is, where there are several."""

    id: str
    at: str
    level: str
    logger: str
    message: str
    about: str
    traceback: str
    request_id: str
    url: str
    process: str


class LogsState(rx.State):
    """Errors, the lines with some words in them, or those of one request."""

    path: str = ""
    lines: list[LogRow] = []
    request_id: str = ""
    show: str = ""
    silent: str = ""

    @server_event
    async def load(self) -> None:
        """Read what the address asks for, and follow what is logged."""
        scope = await scope_of(self)
        follow(self, ops.LINES, LogsState.changed)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, events: list) -> Any:
        """Lines were logged, in whichever process."""
        has_errors = any(not isinstance(each, LinesLogged) or each.has_errors for each in events)
        if has_errors or self.show:
            return await read_again(self, self._read)
        return None

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        self.request_id, words = asked.get("request", ""), asked.get("q", "")
        self.show = _view(self.request_id, words, asked.get("show", ""))
        if self.show:
            found = await ops.list_log_lines(scope, request_id=self.request_id, words=words)
        else:
            found = await ops.list_errors(scope)
        self.lines = list(_rows(found.lines, are_several=len(found.processes) + len(found.silent) > 1))
        self.silent = ", ".join(found.silent)


def _view(request_id: str, words: str, show: str) -> str:
    """What is looked at: "request", "words", "all", or "" for errors."""
    if request_id or words:
        return "request" if request_id else "words"
    return "all" if show == "all" else ""


def _rows(lines: Sequence[LoggedLine], *, are_several: bool) -> Iterator[LogRow]:
    """Each with an id that stays its own while others come, so that what is unfolded stays so."""
    seen = Counter[str]()
    for process, line in lines:
        key = f"{process} {line.at.isoformat()}"
        seen[key] += 1
        yield _row(f"{key} {seen[key]}", line, process if are_several else "")


def _row(row_id: str, line: Line, process: str) -> LogRow:
    about = {name: value for name, value in line.about.items() if name != "request_id"}
    return LogRow(
        id=row_id,
        at=line.at.isoformat(),
        level=line.level,
        logger=line.logger,
        message=line.message,
        about="  ".join(f"{name}={value}" for name, value in about.items()),
        traceback=line.traceback[-LONGEST:],
        request_id=line.request_id,
        url=routes.ops_logs(request=line.request_id) if line.request_id else "",
        process=process,
    )
