"""The audit trail: a page of it, as the address says."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import reflex as rx

from myapp import ops
from myapp.kit import routes
from myapp.kit.scope import Scope
from myapp.ops import AuditFilter
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.ops.audit.rows import AuditRow, audit_row
from myapp.web.reading import read_again
from myapp.web.session import path_of, query, scope_of

_DAY = timedelta(days=1)


class AuditState(rx.State):
    """What the address asks for."""

    path: str = ""
    entries: list[AuditRow] = []
    newer: str = ""
    older: str = ""
    is_narrowed: bool = False

    @server_event
    async def load(self) -> None:
        """Read the page, and follow what is done."""
        scope = await scope_of(self)
        follow(self, ops.DEEDS, AuditState.changed)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, _events: list) -> Any:
        """Deeds were done."""
        return await read_again(self, self._read)

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        words = {name: asked.get(name, "") for name in ("who", "what", "since", "until")}
        until = _day(words["until"])
        filters = AuditFilter(words["who"], words["what"], _day(words["since"]), until and until + _DAY)
        page = await ops.list_audit(scope, filters, after=asked.get("after"), before=asked.get("before"))
        self.entries = [audit_row(each) for each in page.entries]
        self.newer = routes.ops_audit(**words, before=page.before) if page.before else ""
        self.older = routes.ops_audit(**words, after=page.after) if page.after else ""
        self.is_narrowed = any(words.values())


def _day(text: str) -> datetime | None:
    """The beginning of a day in UTC; None for what is none."""
    with suppress(ValueError):
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    return None
