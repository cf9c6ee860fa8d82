"""Where one asks for a new password, and where one chooses it."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.columns import FORM, column, notice
from myapp.web.accounts.passwords import new_password
from myapp.web.accounts.reset.state import NewPasswordState, ResetState
from myapp.web.accounts.state import EntranceState
from myapp.web.components import button, link, text_field
from myapp.web.i18n import t
from myapp.web.live.posted import hidden, post_form


def reset_page() -> rx.Component:
    """The address alone. The answer is the same whether or not somebody has it."""
    sent = notice(t("If there is an account with this address, a link to choose a new password is on its way."))
    return column(
        t("Forgot your password?"),
        rx.match(
            EntranceState.news,
            ("sent", sent),
            ("failed", notice(t("That did not work. Try again."), icon_name="circle-alert")),
            rx.fragment(),
        ),
        post_form(
            ResetState,
            hidden("back", EntranceState.back),
            text_field(
                t("Email"),
                "email",
                type="email",
                form="reset",
                error=ResetState.errors["email"],
                required=True,
                auto_complete="username",
            ),
            button(t("Send me a link"), kind="primary", type="submit", class_name="w-full"),
            name="reset",
            action=routes.ACCOUNT_RESET,
            label=t("Forgot your password?"),
            class_name=FORM,
        ),
        rx.el.p(link(t("Back to the log-in"), EntranceState.log_in_url), class_name="mt-6 text-sm"),
        lead=t("Say your address: a link to choose a new one comes by mail."),
    )


def new_password_page() -> rx.Component:
    """The new password, twice."""
    return column(
        t("Choose a new password"),
        post_form(
            NewPasswordState,
            hidden("link", EntranceState.link),
            hidden("back", EntranceState.back),
            *new_password("new-password", NewPasswordState.errors),
            button(t("Set the password"), kind="primary", type="submit", class_name="w-full"),
            name="new-password",
            action=routes.ACCOUNT_RESET_USE,
            label=t("Choose a new password"),
            class_name=FORM,
        ),
        rx.el.p(link(t("Ask for another link"), EntranceState.reset_url), class_name="mt-6 text-sm"),
        lead=t("You are logged out everywhere else then."),
    )
