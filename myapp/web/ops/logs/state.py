"""The log of the process at hand: what the address asks for."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from myapp import ops
from myapp.kit import routes
from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.ops.reading import read_again
from myapp.web.session import path_of, query, scope_of

LONGEST = 4000  # characters of a traceback


class LogRow(TypedDict):
    """A line of the log; `url` leads to all of its request, `process` is another one than that of the page."""

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
    _elsewhere: list[LogRow] = []

    @server_event
    async def load(self) -> None:
        """Read what the address asks for, and follow what is logged."""
        scope = await scope_of(self)
        follow(self, ops.LINES, LogsState.changed)
        await self._look_elsewhere(scope)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, _events: list) -> Any:
        """Lines were logged."""
        return await read_again(self, self._read)

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        self.request_id, words = asked.get("request", ""), asked.get("q", "")
        self.show = "" if self.request_id or asked.get("show") != "all" else "all"
        if self.request_id or words or self.show:
            found = await ops.list_log_lines(scope, request_id=self.request_id, words=words)
        else:
            found = await ops.list_errors(scope)
        here = [_row(number, line) for number, line in enumerate(found)]
        self.lines = sorted([*here, *self._elsewhere], key=lambda row: row["at"]) if self._elsewhere else here

    async def _look_elsewhere(self, scope: Scope) -> None:
        """A job, or what it was added by, may have run in another process."""
        wanted = query(self).get("request", "")
        others = await ops.list_log_elsewhere(scope, wanted) if wanted else {}
        self._elsewhere = [
            _row(f"{process} {number}", line, process)
            for process, lines in others.items()
            for number, line in enumerate(lines)
        ]


def _row(number: int | str, line: Line, process: str = "") -> LogRow:
    about = {name: value for name, value in line.about.items() if name != "request_id"}
    return LogRow(
        id=str(number),
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
