"""The exports of an organisation: asked for, watched, called off, and fetched."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from myapp import blog
from myapp.blog import ExportCard, ExportProgressed, ExportStatus
from myapp.kit import routes
from myapp.kit.i18n import gettext as _
from myapp.web.events import event, server_event
from myapp.web.ids import as_id
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, scope_of
from myapp.web.shell import push


class ExportRow(TypedDict):
    """One export. `done` of `total` posts are in the file; `url` is where it is fetched, once it is there."""

    id: str
    status: str
    at: str
    done: int
    total: int
    size: int
    url: str
    expires_at: str
    failure: str


class ExportsState(rx.State):
    """The newest exports, each as far as it is."""

    exports: list[ExportRow] = []
    may_export: bool = False
    is_being_made: bool = False

    @server_event
    async def load(self) -> None:
        """Who may not export is shown nothing of it."""
        scope = await scope_of(self)
        self.may_export = blog.can(scope, "export")
        if self.may_export and scope.org_id is not None:
            follow(self, blog.topic_exports(scope.org_id), ExportsState.exports_changed)
            await self._read()

    @server_event
    async def exports_changed(self, events: list) -> Any:
        """One is further: a few numbers are read again."""
        await self._read()
        told = {each.export_id: each.status for each in events if isinstance(each, ExportProgressed)}
        said = {ExportStatus.DONE: _("The export is ready."), ExportStatus.FAILED: _("The export has failed.")}
        news = [said[status] for status in map(ExportStatus, told.values()) if status in said]
        return push("announce", news[-1]) if news else None

    @event
    async def start(self) -> None:
        """Have one made; the one that is being made counts as it."""
        await blog.start_export(await scope_of(self))
        await self._read()

    @event
    async def cancel(self, export_id: str) -> None:
        """Have it not made."""
        await blog.cancel_export(await scope_of(self), as_id(export_id))
        await self._read()

    async def _read(self) -> None:
        slug = argument(self, "org_slug")
        cards = await blog.list_exports(await scope_of(self))
        self.exports = [_row(card, slug) for card in cards]
        self.is_being_made = any(not card.is_over for card in cards)


def _row(card: ExportCard, slug: str) -> ExportRow:
    is_there = card.status == ExportStatus.DONE
    return ExportRow(
        id=str(card.id),
        status=card.status,
        at=card.inserted_at.isoformat(),
        done=card.done,
        total=card.total,
        size=card.size or 0,
        url=routes.download_export(slug, card.id) if is_there else "",
        expires_at=card.expires_at.isoformat() if card.expires_at else "",
        failure=card.failure or "",
    )
