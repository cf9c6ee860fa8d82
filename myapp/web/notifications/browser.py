"""What the browser knows of what the person is told of, as Vars."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.live.browser import HookVars, browser_event
from myapp.web.live.scripts import linked_scripts
from myapp.web.live.stream import StreamRow
from myapp.web.notifications.rows import NotificationRow
from myapp.web.shell import ShellState

SCRIPT = linked_scripts(__file__)["notifications"]


class StreamedNotification(NotificationRow, StreamRow):
    """A row of the stream."""


class Told(HookVars):
    """The newest, and how many are unread."""

    def __init__(self) -> None:
        super().__init__(SCRIPT, "useNotifications", user_topic())
        self.rows = self.var("rows", list[StreamedNotification])
        self.unread = self.var("unread", int)
        self.phase = self.var("phase", str)
        self.news_kind = self.var("news.kind", str)
        self.news_row = self.var("news.row", dict[str, Any])


def user_topic() -> rx.Var[str]:
    """The person's own topic; empty for visitors, and until it is known who it is."""
    return rx.cond(ShellState.person_id, f"user:{ShellState.person_id}", "")  # pyright: ignore[reportReturnType]


def stream_topic() -> rx.Var[str]:
    """The stream of everything the person is told of."""
    return rx.cond(ShellState.person_id, f"stream:notifications:{ShellState.person_id}", "")  # pyright: ignore[reportReturnType]


def read_all() -> rx.event.EventSpec:
    """Mark everything as read."""
    return browser_event(SCRIPT, "readAll", user_topic())


def visit_place(place_id: rx.Var[str]) -> rx.event.EventSpec:
    """The person goes there: what is told from there is read."""
    return browser_event(SCRIPT, "visitPlace", user_topic(), place_id)
