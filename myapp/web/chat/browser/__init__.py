"""The browser's half of the chat: what its topics show as Vars, and its components.

shown = Room(topic)
rx.foreach(shown.rows, …), rx.cond(shown.typing_count > 0, …)
"""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from myapp.web.live.browser import HookVars, browser_event
from myapp.web.live.scripts import linked_scripts
from myapp.web.live.stream import StreamRow
from myapp.web.shell import ShellState

ROOMS = linked_scripts(__file__)["rooms"]


class MessageRow(StreamRow):
    """A message as room_rows.js makes it ready. `html` is empty until the server has the message."""

    name: str
    avatar: str
    body: str
    html: str
    at: str
    is_edited: bool
    is_deleted: bool
    is_mine: bool
    is_editing: bool
    is_confirming: bool
    starts_day: bool
    starts_unread: bool
    starts_voice: bool
    can_edit: bool
    can_delete: bool
    failure: str
    failure_text: str
    retry_after: int
    edit_failure: str
    edit_failure_text: str


class RoomRow(StreamRow):
    """A room in the list: what is unread in it, and how often that names the reader."""

    slug: str
    name: str
    purpose: str
    visibility: str
    unread: int
    mentions: int


class Person(TypedDict):
    """Somebody who is here."""

    id: str
    name: str
    avatar: str


class Room(HookVars):
    """What a room shows."""

    def __init__(self, topic: rx.Var[str]) -> None:
        super().__init__(ROOMS, "useRoom", topic)
        self.rows = self.var("rows", list[MessageRow])
        self.phase = self.var("phase", str)
        self.fresh = self.var("fresh", int)
        self.is_far = self.var("is_far", bool)
        self.has_more = self.var("has_more", bool)
        self.news_name = self.var("news.row.name", str)
        self.news_body = self.var("news.row.body", str)
        self.news_kind = self.var("news.kind", str)
        self.people = self.var("people", list[Person])
        self.people_count = self.var("people_count", int)
        self.typing_count = self.var("typing_count", int)
        self.typing_one = self.var("typing_one", str)
        self.typing_two = self.var("typing_two", str)
        self.failure = self.var("failure", str)


class Unread(HookVars):
    """What is unread in all rooms together."""

    def __init__(self, topic: rx.Var[str]) -> None:
        super().__init__(ROOMS, "useRooms", topic)
        self.count = self.var("unread", int)
        self.mentions = self.var("mentions", int)


def rooms_topic() -> rx.Var[str]:
    """The topic of the rooms of the organisation at hand; empty until that is known."""
    return rx.cond(ShellState.org_slug, f"rooms:{ShellState.org_slug}", "")  # pyright: ignore[reportReturnType]


def act(name: str, *arguments: rx.Var[str]) -> rx.event.EventSpec:
    """A call of one of the script's functions, by the browser alone."""
    return browser_event(ROOMS, name, *arguments)


class RoomFrame(rx.Component):
    """The box in which a room's messages scroll."""

    library = ROOMS
    tag = "RoomFrame"

    topic: rx.Var[str]
    label: rx.Var[str]


class DayLabel(rx.Component):
    """Today, yesterday, or the date."""

    library = ROOMS
    tag = "DayLabel"

    at: rx.Var[str]


class HourMark(rx.Component):
    """When something was said; `brief` leaves morning and afternoon to the marks above it."""

    library = ROOMS
    tag = "HourMark"

    at: rx.Var[str]
    brief: rx.Var[bool]


class Composer(rx.Component):
    """What one writes into. What is typed is kept under `draft` and the topic."""

    library = ROOMS
    tag = "Composer"

    topic: rx.Var[str]
    draft: rx.Var[str]
    label: rx.Var[str]
    placeholder: rx.Var[str]


class MessageEditor(rx.Component):
    """Other words for a message."""

    library = ROOMS
    tag = "MessageEditor"

    topic: rx.Var[str]
    message_id: rx.Var[str]
    body: rx.Var[str]
    label: rx.Var[str]
    described_by: rx.Var[str]
    invalid: rx.Var[bool]
