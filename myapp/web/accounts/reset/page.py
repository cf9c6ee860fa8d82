"""Where one asks for a new password, and where one chooses it."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.mail_links import link_request, link_target
from myapp.web.accounts.passwords import new_password
from myapp.web.accounts.reset.state import NewPasswordState, ResetState
from myapp.web.accounts.state import EntranceState
from myapp.web.i18n import t


def reset_page() -> rx.Component:
    """The address alone."""
    return link_request(
        ResetState,
        name="reset",
        title=t("Forgot your password?"),
        lead=t("Say your address: a link to choose a new one comes by mail."),
        action=routes.ACCOUNT_RESET,
        sent=t("If there is an account with this address, a link to choose a new password is on its way."),
    )


def new_password_page() -> rx.Component:
    """The new password, twice."""
    return link_target(
        NewPasswordState,
        *new_password("new-password", NewPasswordState.errors, t("New password")),
        name="new-password",
        title=t("Choose a new password"),
        lead=t("You are logged out everywhere else then."),
        action=routes.ACCOUNT_RESET_USE,
        does=t("Set the password"),
        another=EntranceState.reset_url,
    )
