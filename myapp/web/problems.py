"""What stands in a page's place when it does not exist, is not for this person, or failed."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import button, link_button
from myapp.web.components._types import Child, Text
from myapp.web.i18n import t
from myapp.web.shell import ShellState


def missing_page() -> rx.Component:
    """There is no such page, or nobody may tell this person that there is."""
    return _problem(
        t("There is nothing here"),
        t("The page may have moved, or it is only for some people. Check the address, or start from the front page."),
        link_button(t("Go to the front page"), routes.home(), kind="primary"),
        number="404",
    )


def forbidden_page() -> rx.Component:
    """The person sees that it is there, and may not."""
    return _problem(
        t("This is not for you yet"),
        t("You are logged in, but this page needs another role. An admin of the organisation can give it to you."),
        link_button(t("Log in as somebody else"), routes.log_in(), kind="primary"),
        link_button(t("Go to the front page"), routes.home()),
        number="403",
    )


def failed_page() -> rx.Component:
    """It should have worked. The person is given the number under which the log has it."""
    noted = rx.el.p(t("It is noted as %(id)s.", id=ShellState.problem_text), class_name="text-sm text-muted")
    return _problem(
        t("This page did not load"),
        t("Something went wrong on our side. Try again; if it stays like this, tell us the number below."),
        button(t("Try again"), kind="primary", on_click=ShellState.enter_again),
        number="500",
        below=noted,
    )


def _problem(title: Text, text: Text, *actions: Child, number: str, below: Child = "") -> rx.Component:
    return rx.el.section(
        rx.el.p(number, aria_hidden="true", class_name="font-mono text-sm text-muted"),
        rx.el.h1(title, class_name="text-2xl"),
        rx.el.p(text, class_name="text-lg text-muted"),
        rx.el.div(*actions, class_name="mt-4 flex flex-wrap gap-3"),
        below,
        class_name="mx-auto flex max-w-reading flex-col gap-3 py-16 sm:py-24",
    )
