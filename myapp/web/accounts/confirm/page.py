"""The button that says an address is one's own, where a mail leads; and where one has that mail sent again."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.accounts.columns import FORM, column, notice
from myapp.web.accounts.state import EntranceState
from myapp.web.components import button, link, text_field
from myapp.web.i18n import t
from myapp.web.live.posted import PostedState, hidden, post_form


class ConfirmState(PostedState, rx.State):
    """There is nothing to type."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_address(attrs)


class ConfirmAgainState(PostedState, rx.State):
    """The address that the mail goes to."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_address(attrs)


def confirm_page() -> rx.Component:
    """One button."""
    return column(
        t("Confirm your address"),
        post_form(
            ConfirmState,
            hidden("link", EntranceState.link),
            hidden("back", EntranceState.back),
            button(t("This is my address"), kind="primary", type="submit", class_name="w-full"),
            name="confirm",
            action=routes.ACCOUNT_CONFIRM,
            label=t("Confirm your address"),
            class_name=FORM,
        ),
        rx.el.p(link(t("Ask for another link"), EntranceState.confirm_url), class_name="mt-6 text-sm"),
        lead=t("Then mail of your account reaches you there."),
    )


def confirm_again_page() -> rx.Component:
    """The address alone. The answer is the same whether or not somebody has it, or has confirmed it."""
    sent = t("If there is an account with this address that is not confirmed yet, a link is on its way.")
    return column(
        t("Have the link sent again"),
        rx.match(
            EntranceState.news,
            ("sent", notice(sent)),
            ("failed", notice(t("That did not work. Try again."), icon_name="circle-alert")),
            rx.fragment(),
        ),
        post_form(
            ConfirmAgainState,
            hidden("back", EntranceState.back),
            text_field(
                t("Email"),
                "email",
                type="email",
                form="confirm-again",
                error=ConfirmAgainState.errors["email"],
                required=True,
                auto_complete="username",
            ),
            button(t("Send me a link"), kind="primary", type="submit", class_name="w-full"),
            name="confirm-again",
            action=routes.ACCOUNT_CONFIRM_AGAIN,
            label=t("Have the link sent again"),
            class_name=FORM,
        ),
        rx.el.p(link(t("Back to the log-in"), EntranceState.log_in_url), class_name="mt-6 text-sm"),
        lead=t("Say the address you have registered with: the link that confirms it comes by mail once more."),
    )
