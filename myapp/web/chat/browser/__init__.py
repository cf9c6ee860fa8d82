"""The browser's half of the chat: what its topics show as Vars, and its components.

shown = Room(topic)
rx.foreach(shown.rows, …), rx.cond(shown.typing_count > 0, …)
"""

from __future__ import annotations

import hashlib
from typing import Any, TypedDict

import reflex as rx
from reflex.vars import VarData

from myapp.web.live.scripts import linked_scripts
from myapp.web.live.stream import StreamRow
from myapp.web.shell import ShellState

ROOMS = linked_scripts(__file__)["rooms"]


class MessageRow(StreamRow):
    """A message as room_rows.js makes it ready. `html` is empty until the server has the message."""

    name: str
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


class _Hook:
    """What a hook of rooms.js returns for a topic, as Vars."""

    def __init__(self, hook: str, topic: rx.Var[str]) -> None:
        self._name = f"{hook}_{hashlib.sha256(str(topic).encode()).hexdigest()[:8]}"
        needs = topic._get_all_var_data()  # noqa: SLF001 - no public way
        code = f"const {self._name} = {hook}({topic!s})"
        self._data = VarData.merge(needs, VarData(imports={ROOMS: hook}, hooks={code: needs}))

    def _var(self, name: str, kind: Any) -> Any:
        return rx.Var(f"{self._name}.{name}", _var_type=kind, _var_data=self._data).guess_type()


class Room(_Hook):
    """What a room shows."""

    def __init__(self, topic: rx.Var[str]) -> None:
        super().__init__("useRoom", topic)
        self.rows = self._var("rows", list[MessageRow])
        self.phase = self._var("phase", str)
        self.fresh = self._var("fresh", int)
        self.is_far = self._var("is_far", bool)
        self.has_more = self._var("has_more", bool)
        self.news_name = self._var("news.row.name", str)
        self.news_body = self._var("news.row.body", str)
        self.news_kind = self._var("news.kind", str)
        self.people = self._var("people", list[Person])
        self.people_count = self._var("people_count", int)
        self.typing_count = self._var("typing_count", int)
        self.typing_one = self._var("typing_one", str)
        self.typing_two = self._var("typing_two", str)
        self.failure = self._var("failure", str)


class Unread(_Hook):
    """What is unread in all rooms together."""

    def __init__(self, topic: rx.Var[str]) -> None:
        super().__init__("useRooms", topic)
        self.count = self._var("unread", int)
        self.mentions = self._var("mentions", int)


def rooms_topic() -> rx.Var[str]:
    """The topic of the rooms of the organisation at hand; empty until that is known."""
    return rx.cond(ShellState.org_slug, f"rooms:{ShellState.org_slug}", "")  # pyright: ignore[reportReturnType]


def act(name: str, *arguments: rx.Var[str]) -> rx.event.EventSpec:
    """A call of one of the script's functions, by the browser alone."""
    needs = VarData.merge(VarData(imports={ROOMS: name}), *(value._get_all_var_data() for value in arguments))  # noqa: SLF001
    return rx.call_function(rx.Var(f"() => {name}({', '.join(map(str, arguments))})", _var_data=needs))


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
