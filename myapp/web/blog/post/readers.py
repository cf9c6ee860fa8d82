"""Who else reads this post right now: a few faces, and their names behind them."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from myapp.web.blog.post.state import PostState
from myapp.web.components import avatar
from myapp.web.i18n import t, tn
from myapp.web.live.browser import HookVars, Menu
from myapp.web.live.scripts import linked_scripts

READERS = linked_scripts(__file__)["readers"]


class Reader(TypedDict):
    """Somebody who has the post open."""

    id: str
    name: str
    avatar: str


def _others() -> rx.vars.ArrayVar[list[Reader]]:
    return HookVars(READERS, "useReaders", PostState.reading_topic).var("rows", list[Reader])


def readers() -> rx.Component:
    """Nothing for who is alone."""
    others = _others()
    count = tn("%(count)s person is reading this too", "%(count)s people are reading this too", others.length())
    names = rx.el.ul(
        rx.foreach(
            others,
            lambda person: rx.el.li(
                avatar(person["name"], person["avatar"], size="sm"),
                rx.el.span(person["name"], dir="auto", class_name="min-w-0 truncate"),
                key=person["id"],
                class_name="flex items-center gap-2.5 px-3 py-1.5 text-sm",
            ),
        ),
        aria_label=t("Reading now"),
        class_name="max-h-72 overflow-y-auto",
    )
    heading = rx.el.p(count, class_name="px-3 py-2 text-sm font-medium")
    menu = Menu.create(heading, names, name="readers", label=_words(others), face=_faces(), side="here")
    return rx.cond(others.length() > 0, rx.el.div(menu, class_name="ms-auto animate-slide-in"))


def _words(others: rx.vars.ArrayVar[list[Reader]]) -> rx.Var[str]:
    return tn("%(count)s reading too", "%(count)s reading too", others.length())


@rx.memo
def _faces() -> rx.Component:
    """The first of them, and how many they are."""
    others = _others()
    return rx.el.span(
        rx.el.span(
            rx.foreach(others[:3], lambda person: rx.el.span(avatar(person["name"], person["avatar"], size="sm"))),
            class_name="here-faces max-sm:hidden",
        ),
        rx.el.span(class_name="live-dot-mark sm:hidden", aria_hidden="true"),
        rx.el.span(_words(others), class_name="tabular text-sm", aria_hidden="true"),
        class_name="live-dot",
    )
