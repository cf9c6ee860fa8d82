"""The process that an operators' page is about, where the address names one, and the way to another."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from myapp.web.components import empty_state, filter_chip, link_button
from myapp.web.components._types import Child, Flag, Text
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.ops.browser import Board
from myapp.web.session import path_of, query


class ProcessState(rx.State):
    """What the address says; "" is whichever process answers."""

    process: str = ""
    path: str = ""

    @server_event
    async def load(self) -> None:
        """Read the address."""
        self.process, self.path = query(self).get("process", ""), path_of(self)


def process_board(name: str) -> Board:
    """A board of the process that the address names, once the address is known."""
    process = ProcessState.process
    topic = rx.cond(process, f"{name}:{process}", name)
    return Board(rx.cond(arrived(ProcessState.path), topic, ""))  # pyright: ignore[reportArgumentType]


def of_process(board: Board, route: Callable[..., str], body: Child) -> rx.Component:
    """What a board shows of one process, beneath the choice of another, or that this one does not answer."""
    process = board.value("process", str)
    names = board.value("processes", list[str])
    gone = empty_state(
        t("This process does not answer"),
        t("It may have ended, or be busy."),
        link_button(t("Show one that does"), route(), size="sm"),
        icon_name="network",
    )
    chips = process_chips(names, route, lambda name: process == name)
    return rx.el.div(
        rx.cond((names.length() > 1) | (ProcessState.process != ""), chips),
        rx.cond(board.value("is_gone", bool), gone, body),
        class_name="flex flex-col gap-6",
    )


def process_chips(
    names: rx.Var[list[str]], route: Callable[..., str], is_on: Callable[[Text], Flag], *first: Child
) -> rx.Component:
    """The processes, each with a way to the page about it."""

    def one(name: rx.Var[str]) -> rx.Component:
        return code_chip(name, route(process=name), is_on=is_on(name))

    return rx.el.nav(*first, rx.foreach(names, one), aria_label=t("Processes"), class_name="-mb-2 flex flex-wrap gap-2")


def code_chip(name: rx.Var[str], to: Text, *, is_on: Flag) -> rx.Component:
    """A filter that is called as the code calls it."""
    return filter_chip(rx.el.span(name, class_name="font-mono text-xs"), to, is_on=is_on)  # pyright: ignore[reportArgumentType]
