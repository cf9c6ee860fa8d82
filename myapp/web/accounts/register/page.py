"""Where one becomes a person here."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.columns import FORM, column, notice
from myapp.web.accounts.mail_links import failed
from myapp.web.accounts.passwords import new_password
from myapp.web.accounts.register.state import RegisterState
from myapp.web.accounts.state import EntranceState
from myapp.web.components import button, link, link_button, text_field
from myapp.web.i18n import t
from myapp.web.live.posted import hidden, post_form


def register_page() -> rx.Component:
    """The form; once it is sent, what comes next."""
    is_sent = EntranceState.news == "sent"
    return column(
        t("Make an account"),
        rx.cond(EntranceState.news == "failed", failed()),
        rx.cond(
            is_sent,
            notice(t("Look into your mail: a link to confirm the address is on its way. You can log in already.")),
            _form(),
        ),
        rx.cond(is_sent, _then(), rx.fragment()),
        rx.el.p(
            rx.cond(is_sent, t("Nothing there?"), t("You have an account?")),
            " ",
            rx.cond(
                is_sent,
                link(t("Have the link sent again"), EntranceState.confirm_url),
                link(t("Log in"), EntranceState.log_in_url),
            ),
            class_name="mt-6 text-sm text-muted",
        ),
    )


def _then() -> rx.Component:
    return link_button(t("Log in"), EntranceState.log_in_url, kind="primary", class_name="w-full")


def _form() -> rx.Component:
    errors = RegisterState.errors
    return post_form(
        RegisterState,
        hidden("back", EntranceState.back),
        text_field(t("Name"), "name", form="register", error=errors["name"], required=True, auto_complete="name"),
        text_field(
            t("User name"),
            "username",
            form="register",
            error=errors["username"],
            required=True,
            auto_complete="nickname",
            auto_capitalize="none",
            spell_check=False,
            help=t("3 to 30 letters, digits, dots and dashes. Others mention you with it."),
        ),
        text_field(
            t("Email"),
            "email",
            type="email",
            form="register",
            error=errors["email"],
            required=True,
            auto_complete="email",
        ),
        *new_password("register", errors, t("Password")),
        button(t("Make an account"), kind="primary", type="submit", class_name="w-full"),
        name="register",
        action=routes.ACCOUNT_REGISTER,
        label=t("Make an account"),
        class_name=FORM,
    )
