"""Where a person is logged in: every browser and program, and the way to end each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import reflex as rx

from myapp import accounts
from myapp.accounts import ProgramCard, SessionCard
from myapp.kit.i18n import gettext as _
from myapp.web.accounts.settings.devices import device_name
from myapp.web.accounts.settings.layout import section, settings_layout
from myapp.web.components import Item, badge, button, icon, relative_time, skeleton_lines
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.arrival import arrived
from myapp.web.live.subscriptions import follow
from myapp.web.session import path_of, scope_of
from myapp.web.shell import flash


class SessionRow(TypedDict):
    """A browser or a program."""

    id: str
    device: str
    ip: str
    seen_at: str
    is_current: bool


class SessionsState(rx.State):
    """One's own, live."""

    sessions: list[SessionRow] = []
    programs: list[SessionRow] = []
    has_others: bool = False
    path: str = ""

    @server_event
    async def load(self) -> None:
        """Read them, and follow what comes of them."""
        await self._read()
        scope = await scope_of(self)
        if scope.user_id is not None:
            follow(self, accounts.topic_credentials(scope.user_id), SessionsState.on_change)
        self.path = path_of(self)

    @server_event
    async def on_change(self, _events: list[object]) -> None:
        """One came or went, here or elsewhere."""
        await self._read()

    async def _read(self) -> None:
        scope = await scope_of(self)
        self.sessions = [
            _row_of(each, each.last_seen_at, is_current=each.is_current) for each in await accounts.list_sessions(scope)
        ]
        self.programs = [_row_of(each, each.last_used_at) for each in await accounts.list_programs(scope)]
        self.has_others = len(self.sessions) + len(self.programs) > 1

    @event
    async def end(self, session_id: str) -> Any:
        """Log out in one browser."""
        await accounts.delete_session(await scope_of(self), as_id(session_id))
        await self._read()
        return flash(_("Logged out there."))

    @event
    async def end_program(self, family_id: str) -> Any:
        """Log one program out."""
        await accounts.delete_program(await scope_of(self), as_id(family_id))
        await self._read()
        return flash(_("Logged out there."))

    @event
    async def end_others(self) -> Any:
        """Log out of all programs, and all browsers but this one."""
        await accounts.log_out_elsewhere(await scope_of(self))
        await self._read()
        return flash(_("Everywhere else you are logged out."))

    @event
    async def end_all(self) -> None:
        """Log out everywhere: as the session is over, this tab goes to the log-in, too."""
        await accounts.log_out_everywhere(await scope_of(self))


def _row_of(card: SessionCard | ProgramCard, seen_at: datetime, *, is_current: bool = False) -> SessionRow:
    return SessionRow(
        id=str(card.id),
        device=device_name(card.user_agent),
        ip=card.ip or "",
        seen_at=seen_at.isoformat(),
        is_current=is_current,
    )


def sessions_page() -> rx.Component:
    """Two lists."""
    return settings_layout(
        t("Where you are logged in"),
        rx.cond(
            arrived(SessionsState.path),
            rx.el.div(_browsers(), _programs(), _all(), class_name="contents"),
            skeleton_lines(6),
        ),
        lead=t("Log out where you do not know it, and change your password."),
    )


def _browsers() -> rx.Component:
    return section(
        t("Browsers"),
        rx.el.ul(
            rx.foreach(SessionsState.sessions, lambda row: _row(row, SessionsState.end)),
            class_name="divide-y divide-line border-y border-line",
        ),
    )


def _programs() -> rx.Component:
    rows = rx.el.ul(
        rx.foreach(SessionsState.programs, lambda row: _row(row, SessionsState.end_program)),
        class_name="divide-y divide-line border-y border-line",
    )
    none = rx.el.p(t("None has logged in with your password."), class_name="text-muted")
    return section(t("Programs"), rx.cond(SessionsState.programs, rows, none))


def _all() -> rx.Component:
    others = button(t("Log out everywhere else"), icon_name="log-out", on_click=SessionsState.end_others)
    return rx.el.div(
        rx.cond(SessionsState.has_others, others),
        button(t("Log out everywhere, here too"), on_click=SessionsState.end_all),
        class_name="flex flex-wrap gap-3",
    )


def _row(row: Item, end: Any) -> rx.Component:
    log_out = button(
        t("Log out"),
        size="sm",
        on_click=end(row["id"]),
        aria_label=t("Log out: %(device)s", device=row["device"]),
    )
    device = rx.cond(row["device"], row["device"], t("Something that does not say what it is"))
    return rx.el.li(
        icon("monitor-smartphone", size=20, class_name="text-muted"),
        rx.el.div(
            rx.el.p(device, class_name="font-medium wrap-anywhere"),
            rx.el.p(row["ip"], " · ", relative_time(row["seen_at"]), class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(row["is_current"], badge(t("This one"), tone="success"), log_out),
        class_name="flex items-center gap-3 py-3",
    )
