"""The messages of a room, as the browser draws them."""

from __future__ import annotations

from typing import cast

import reflex as rx

from myapp.web.chat.browser import DayLabel, HourMark, MessageEditor, MessageRow, Room, RoomFrame, act
from myapp.web.chat.room.state import RoomState
from myapp.web.components import Item, as_item, avatar, button, empty_state, icon_button, safe_html, skeleton
from myapp.web.i18n import t, tn
from myapp.web.shell import ShellState

TOPIC = cast("rx.Var[str]", RoomState.topic)
"""Of the room at hand; empty until that is known."""


def messages(shown: Room) -> rx.Component:
    """The box with what was said. Its list is read out by nobody: what comes in is said beside it."""
    rows = rx.foreach(shown.rows, lambda row: _message(message=row, topic=TOPIC, key=row["id"]))
    listed = rx.el.div(
        rx.el.ol(rows, role="list", class_name="flex flex-col pb-2"),
        role="log",
        aria_live="off",
        aria_label=t("Messages"),
    )
    body = rx.fragment(_beginning(shown), rx.cond(shown.rows.length() > 0, listed, _nothing_yet()))
    return rx.fragment(
        RoomFrame.create(
            rx.match(
                shown.phase,
                ("ready", "closed", body),
                ("refused", _refused()),
                _loading(),
            ),
            topic=TOPIC,
            label=t("What was said"),
            class_name="room-box",
        ),
        _said(shown),
    )


def _said(shown: Room) -> rx.Component:
    """For those who can't see it: what has just come in."""
    words = t("%(name)s: %(words)s", name=shown.news_name, words=shown.news_body)
    return rx.el.p(rx.cond(shown.news_kind, words, ""), aria_live="polite", class_name="sr-only")


def _beginning(shown: Room) -> rx.Component:
    return rx.cond(
        shown.has_more,
        rx.el.div(
            rx.el.span(class_name="spinner", aria_hidden="true"),
            t("Earlier messages are coming"),
            class_name="flex h-12 items-center justify-center gap-2 text-sm text-muted",
        ),
        rx.cond(
            shown.rows.length() > 0,
            rx.el.p(
                t("This is where “%(name)s” begins.", name=RoomState.name),
                class_name="px-4 pb-2 pt-6 text-center text-sm text-muted",
            ),
        ),
    )


def _nothing_yet() -> rx.Component:
    return rx.cond(
        RoomState.can_write,
        empty_state(
            t("Nobody has said anything yet"),
            t("Begin: your words are here for everybody in the room at once."),
            icon_name="message-circle",
        ),
        empty_state(
            t("Nobody has said anything yet"), t("What is said here appears by itself."), icon_name="message-circle"
        ),
    )


def _refused() -> rx.Component:
    return empty_state(
        t("This room is not open to you"), t("It was closed or deleted, or your role has changed."), icon_name="lock"
    )


def _loading() -> rx.Component:
    row = rx.el.div(
        skeleton("size-9 rounded-full"),
        rx.el.div(skeleton("h-4 w-32"), skeleton("h-4 w-3/4"), class_name="flex flex-1 flex-col gap-2"),
        class_name="flex gap-3 px-4",
    )
    return rx.el.div(
        rx.el.span(t("Loading"), class_name="sr-only"),
        *[row] * 5,
        aria_busy="true",
        role="status",
        custom_attrs={"data-waits": ""},
        class_name="flex flex-col gap-6 py-6",
    )


@rx.memo
def _message(rest: rx.RestProp, *, message: rx.Var[MessageRow], topic: rx.Var[str]) -> rx.Component:
    return _shown(as_item(message), topic, rest)


def _shown(message: Item, topic: rx.Var[str], rest: rx.RestProp) -> rx.Component:
    look = rx.match(
        True,
        (message["is_changed"].bool() & message["is_edited"].bool(), "message animate-tint"),
        (message["is_changed"].bool(), "message animate-slide-in"),
        (message["is_pending"].bool(), "message opacity-60"),
        "message",
    )
    return rx.el.li(
        rx.cond(message["starts_day"], _line(DayLabel.create(at=message["at"]), "border-line text-muted")),
        rx.cond(
            message["starts_unread"],
            rx.el.div(_line(t("Unread from here"), "border-live/40 text-live"), custom_attrs={"data-unread": ""}),
        ),
        rx.el.article(
            _margin(message),
            rx.el.div(
                rx.cond(message["starts_voice"], _head(message)),
                _words(message, topic),
                class_name="min-w-0",
            ),
            rx.cond(
                (message["can_edit"] | message["can_delete"])
                & ~message["is_editing"].bool()
                & ~message["is_confirming"].bool(),
                _tools(message, topic),
            ),
            aria_busy=message["is_pending"].bool(),
            class_name=look,
        ),
        rest,
        custom_attrs={"data-row": message["id"]},
        class_name=rx.cond(message["starts_voice"], "pt-3", ""),
    )


def _line(words: rx.Component | rx.Var[str], look: str) -> rx.Component:
    rule = rx.el.span(aria_hidden="true", class_name="flex-1 border-t border-inherit")
    return rx.el.div(
        rule,
        rx.el.span(words, class_name="shrink-0"),
        rule,
        class_name=f"flex items-center gap-3 px-4 pb-1 pt-2 text-xs font-medium {look}",
    )


def _margin(message: Item) -> rx.Component:
    """Who it is, once for what they say in one breath; beside the rest the hour, for those who point at it."""
    return rx.cond(
        message["starts_voice"],
        rx.el.div(avatar(_name(message), _face(message)), class_name="pt-0.5"),
        rx.el.div(
            HourMark.create(at=message["at"], brief=True, class_name="message-hour"),
            class_name="pt-1 text-center leading-none",
        ),
    )


def _name(message: Item) -> rx.Var[str]:
    return rx.cond(message["name"], message["name"], rx.cond(message["is_mine"], t("You"), t("Somebody who has left")))  # pyright: ignore[reportReturnType]


def _face(message: Item) -> rx.Var[str]:
    """Of what is still on its way, the picture of who sends it."""
    own = rx.cond(message["is_mine"], ShellState.person_avatar, "")
    return rx.cond(message["avatar"], message["avatar"], own)  # pyright: ignore[reportReturnType]


def _head(message: Item) -> rx.Component:
    return rx.el.p(
        rx.el.span(_name(message), dir="auto", class_name="min-w-0 truncate font-semibold"),
        HourMark.create(at=message["at"], class_name="shrink-0 text-xs text-muted"),
        class_name="flex items-baseline gap-2 pe-20",
    )


def _words(message: Item, topic: rx.Var[str]) -> rx.Component:
    typed = rx.el.p(message["body"], dir="auto", class_name="whitespace-pre-wrap wrap-anywhere written-small")
    said = rx.cond(
        message["html"], safe_html(message["html"], dir="auto", class_name="written written-small message-words"), typed
    )
    edited = rx.cond(message["is_edited"], rx.el.span(t("edited"), class_name="text-xs text-muted"))
    return rx.cond(
        message["is_editing"],
        _editor(message, topic),
        rx.cond(
            message["is_deleted"],
            rx.el.p(t("This message was deleted."), class_name="text-sm italic text-muted"),
            rx.fragment(
                said,
                edited,
                rx.cond(message["is_confirming"], _confirmation(message, topic)),
                rx.cond(message["is_failed"], _failed(message, topic)),
            ),
        ),
    )


def _tools(message: Item, topic: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.cond(
            message["can_edit"],
            icon_button("pen-line", t("Edit"), size="sm", on_click=act("editMessage", topic, message["id"])),
        ),
        rx.cond(
            message["can_delete"],
            icon_button("trash-2", t("Delete"), size="sm", on_click=act("askToDelete", topic, message["id"])),
        ),
        class_name="message-tools",
    )


def _editor(message: Item, topic: rx.Var[str]) -> rx.Component:
    return MessageEditor.create(
        rx.cond(
            message["edit_failure"],
            rx.el.p(
                why(message["edit_failure"], message["edit_failure_text"]),
                id="edit-failure",
                role="alert",
                class_name="text-sm text-error",
            ),
        ),
        rx.el.div(
            button(t("Save"), type="submit", kind="primary", size="sm"),
            rx.el.button(t("Cancel"), type="reset", class_name="btn btn-ghost btn-sm font-medium"),
            class_name="flex gap-2",
        ),
        topic=topic,
        message_id=message["id"],
        body=message["body"],
        label=t("Your message"),
        invalid=message["edit_failure"] != "",
        described_by="edit-failure",
        class_name="flex flex-col gap-2 py-1",
    )


def _confirmation(message: Item, topic: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Delete this message?"), class_name="text-sm font-medium"),
        button(
            t("Delete"),
            kind="danger",
            size="sm",
            auto_focus=True,
            on_click=act("deleteMessage", topic, message["id"]),
        ),
        button(t("Keep"), kind="quiet", size="sm", on_click=act("keepMessage", topic, message["id"])),
        role="group",
        aria_label=t("Delete this message?"),
        class_name="flex flex-wrap items-center gap-2 py-1",
    )


def _failed(message: Item, topic: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            rx.cond(
                message["failure"] == "rate limit exceeded",
                tn(
                    "That was a lot at once. Try again in %(count)s second.",
                    "That was a lot at once. Try again in %(count)s seconds.",
                    message["retry_after"],
                ),
                why(message["failure"], message["failure_text"]),
            ),
            class_name="text-error",
        ),
        rx.cond(
            message["failure"] == "invalid",  # as it is, it would be refused again
            button(t("Edit"), size="sm", on_click=act("rewordMessage", topic, message["id"])),
            button(t("Try again"), size="sm", on_click=act("retryMessage", topic, message["id"])),
        ),
        button(t("Discard"), size="sm", kind="quiet", on_click=act("discardMessage", topic, message["id"])),
        role="alert",
        class_name="flex flex-wrap items-center gap-2 py-1 text-sm",
    )


def why(reason: rx.Var[str], text: rx.Var[str]) -> rx.Var[str]:
    """Why the server would not have it, in plain words; `text` is what a form would say."""
    return rx.match(  # pyright: ignore[reportReturnType]
        reason,
        ("invalid", t("This was not sent: it %(problem)s.", problem=text)),
        ("unauthorized", t("This was not sent: you may not do that here any more.")),
        ("not found", t("This was not sent: it is not there any more.")),
        ("rate limit exceeded", t("That was a lot at once. Wait a moment, and try again.")),
        t("This was not sent: the server did not answer."),
    )
