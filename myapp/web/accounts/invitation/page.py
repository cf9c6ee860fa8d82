"""The page behind the link of an invitation. Programs that follow links in mails change nothing: a button does."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.invitation.state import InvitationState
from myapp.web.components import avatar, badge, button, card, link_button, skeleton_lines
from myapp.web.components._types import Child, Text
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.roles import role_name
from myapp.web.shell import ShellState


def invitation_page() -> rx.Component:
    """What is offered, and what the reader can do about it."""
    shown = rx.cond(InvitationState.is_closed, _closed(), _offer())
    return rx.el.div(
        rx.cond(arrived(InvitationState.path), shown, skeleton_lines(5)),
        class_name="mx-auto w-full max-w-xl py-6 sm:py-12",
    )


def _closed() -> rx.Component:
    return _page(
        t("This invitation is over"),
        t("It was used, taken back, or is older than seven days. Ask whoever invited you to send it again."),
        link_button(t("Go to the front page"), routes.home(), kind="primary"),
    )


def _offer() -> rx.Component:
    asked = rx.cond(
        InvitationState.inviter,
        t("%(name)s asks you to join.", name=InvitationState.inviter),
        t("You are asked to join."),
    )
    place = rx.el.p(
        avatar(InvitationState.org_name),
        rx.el.span(InvitationState.org_name, dir="auto", class_name="min-w-0 font-semibold wrap-anywhere"),
        badge(role_name(InvitationState.role)),
        class_name="flex items-center gap-3",
    )
    return card(
        rx.el.h1(t("You are invited"), class_name="text-xl"),
        place,
        rx.el.p(asked, dir="auto", class_name="wrap-anywhere"),
        rx.cond(ShellState.is_person, rx.cond(InvitationState.is_for_reader, _take(), _for_another()), _log_in()),
        class_name="flex flex-col gap-4",
    )


def _take() -> rx.Component:
    known = t("Its people will see your name, and those who lead it your mail address.")
    join = button(t("Join"), kind="primary", on_click=InvitationState.accept, class_name="w-fit")
    belongs = rx.fragment(
        rx.el.p(t("You belong to it already."), class_name="text-muted"),
        link_button(t("Go there"), InvitationState.org_url, kind="primary", class_name="w-fit"),
    )
    return rx.cond(
        InvitationState.is_member, belongs, rx.fragment(rx.el.p(known, class_name="text-sm text-muted"), join)
    )


def _for_another() -> rx.Component:
    who = rx.el.p(
        t(
            "It was sent to another mail address than that of @%(username)s. Log in with the account that has it,"
            " or ask for an invitation to your address.",
            username=ShellState.person_username,
        ),
        role="alert",
        class_name="text-muted",
    )
    leave = rx.el.form(button(t("Log out"), type="submit"), method="post", action=routes.SESSION_DELETE, on_submit=None)
    return rx.fragment(who, leave)


def _log_in() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t(
                "It is for whoever has the mail address it was sent to. Log in with that account, or make one: then"
                " you come back here."
            ),
            class_name="text-muted",
        ),
        rx.el.div(
            link_button(t("Log in"), routes.log_in(back=InvitationState.path), kind="primary"),
            link_button(t("Make an account"), routes.register(back=InvitationState.path)),
            class_name="flex flex-wrap gap-2",
        ),
    )


def _page(title: Text, text: Text, *actions: Child) -> rx.Component:
    return rx.el.section(
        rx.el.h1(title, class_name="text-2xl"),
        rx.el.p(text, class_name="text-lg text-muted"),
        rx.el.div(*actions, class_name="mt-4 flex flex-wrap gap-3"),
        class_name="flex flex-col gap-3",
    )
