"""The two kinds of page around a link that is sent by mail: the one where it is asked for, and the one it leads to.

Where it is asked for, the answer is the same whether or not somebody has the address. Opening a link does nothing but
show a button, as those who scan mails follow links: the button's post uses it up.
"""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.accounts.columns import FORM, column, notice
from myapp.web.accounts.state import EntranceState
from myapp.web.components import button, link, text_field
from myapp.web.components._types import Child, Text
from myapp.web.i18n import t
from myapp.web.live.posted import PostedState, hidden, post_form


class AddressState(PostedState, mixin=True):
    """A form with an address in it, or with nothing to type."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_address(attrs)


def email_field(state: type[PostedState], form: str) -> rx.Component:
    """The address of an account, which browsers fill in."""
    return text_field(
        t("Email"),
        "email",
        type="email",
        form=form,
        error=state.errors["email"],
        required=True,
        auto_complete="username",
    )


def failed() -> rx.Component:
    """What is said where a form was posted without a script, and refused."""
    return notice(t("That did not work. Try again."), icon_name="circle-alert")


def link_request(
    state: type[AddressState], *, name: str, title: rx.Var[str], lead: rx.Var[str], action: str, sent: rx.Var[str]
) -> rx.Component:
    """The address alone; `sent` is what is said then."""
    return column(
        title,
        rx.match(EntranceState.news, ("sent", notice(sent)), ("failed", failed()), rx.fragment()),
        post_form(
            state,
            hidden("back", EntranceState.back),
            email_field(state, name),
            button(t("Send me a link"), kind="primary", type="submit", class_name="w-full"),
            name=name,
            action=action,
            label=title,
            class_name=FORM,
        ),
        rx.el.p(link(t("Back to the log-in"), EntranceState.log_in_url), class_name="mt-6 text-sm"),
        lead=lead,
    )


def link_target(
    state: type[PostedState],
    *fields: Child,
    name: str,
    title: rx.Var[str],
    lead: rx.Var[str],
    action: str,
    does: rx.Var[str],
    another: Text,
) -> rx.Component:
    """A button that says what it `does`, under the fields it needs; `another` link is to be had at this address."""
    return column(
        title,
        post_form(
            state,
            hidden("link", EntranceState.link),
            hidden("back", EntranceState.back),
            *fields,
            button(does, kind="primary", type="submit", class_name="w-full"),
            name=name,
            action=action,
            label=title,
            class_name=FORM,
        ),
        rx.el.p(link(t("Ask for another link"), another), class_name="mt-6 text-sm"),
        lead=lead,
    )
