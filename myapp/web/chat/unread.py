"""How much is unread: a number beside a room, and one for all of them beside the way to the chat."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.chat.browser import Unread, rooms_topic
from myapp.web.i18n import tn
from myapp.web.shell import ShellState

_LOOK = "inline-grid h-5 min-w-5 shrink-0 place-items-center rounded-full px-1.5 text-xs font-semibold tabular"


def unread_marks(count: Any, mentions: Any) -> rx.Component:
    """How many messages are unread; what names the reader stands out."""
    named = rx.el.span(
        rx.el.span("@", mentions, aria_hidden="true"),
        rx.el.span(tn("%(count)s mention", "%(count)s mentions", mentions), class_name="sr-only"),
        class_name=f"{_LOOK} bg-primary text-primary-content",
    )
    plain = rx.el.span(
        rx.el.span(rx.cond(count > 99, "99+", count.to_string()), aria_hidden="true"),
        rx.el.span(tn("%(count)s unread message", "%(count)s unread messages", count), class_name="sr-only"),
        class_name=f"{_LOOK} bg-base-300 text-base-content",
    )
    return rx.cond(mentions > 0, named, rx.cond(count > 0, plain))


def unread_in_all(class_name: str = "") -> rx.Component:
    """For members, who can have read something: what is unread in the organisation's rooms together."""
    return rx.cond(ShellState.is_member, rx.el.span(_all_unread(), class_name=class_name))


@rx.memo
def _all_unread() -> rx.Component:
    unread = Unread(rooms_topic())
    return unread_marks(unread.count, unread.mentions)
