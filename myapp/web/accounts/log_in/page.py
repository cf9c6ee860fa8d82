"""Where a person says who they are: with a password, with a link by mail, or in development with one press."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.columns import FORM, column, notice
from myapp.web.accounts.log_in.state import LinkState, LogInState
from myapp.web.accounts.mail_links import email_field, failed, link_target
from myapp.web.accounts.state import EntranceState
from myapp.web.components import avatar, badge, button, checkbox_field, link, text_field
from myapp.web.components._types import Child
from myapp.web.i18n import t
from myapp.web.live.posted import hidden, post_form
from myapp.web.roles import role_name


def log_in_page() -> rx.Component:
    """Address and password, or the address alone for a link."""
    return column(
        t("Log in"),
        _news(),
        post_form(
            LogInState,
            hidden("back", EntranceState.back),
            email_field(LogInState, "log-in"),
            text_field(
                t("Password"),
                "password",
                type="password",
                form="log-in",
                error=LogInState.errors["password"],
                required=True,
                auto_complete="current-password",
            ),
            rx.el.div(
                checkbox_field(t("Keep me logged in"), "is_remembered", form="log-in"),
                link(t("Forgot your password?"), EntranceState.reset_url, class_name="text-sm"),
                class_name="flex flex-wrap items-center justify-between gap-3",
            ),
            rx.el.div(
                button(t("Log in"), kind="primary", type="submit", class_name="w-full"),
                button(
                    t("Email me a link instead"),
                    type="submit",
                    form_action=routes.SESSION_LINK,
                    icon_name="mail",
                    class_name="w-full",
                ),
                class_name="flex flex-col gap-3",
            ),
            name="log-in",
            action=routes.SESSION,
            label=t("Log in"),
            class_name=FORM,
        ),
        rx.el.p(
            t("New here?"),
            " ",
            link(t("Make an account"), EntranceState.register_url),
            class_name="mt-6 text-sm text-muted",
        ),
        rx.cond(EntranceState.people, _demonstration(), rx.fragment()),
    )


def _news() -> Child:
    return rx.match(
        EntranceState.news,
        (
            "sent",
            notice(t("If there is an account with this address, a link is on its way. It is good for 15 minutes.")),
        ),
        ("confirmed", notice(t("Your address is confirmed. Log in."), icon_name="check")),
        ("changed", notice(t("Your new password is set. Log in with it."), icon_name="check")),
        ("ended", notice(t("Your session has ended. Log in again."), icon_name="log-out")),
        ("failed", failed()),
        rx.fragment(),
    )


def _demonstration() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("Try it as somebody else"), class_name="text-lg"),
        rx.el.p(t("The people of the demonstration are there in development only."), class_name="text-sm text-muted"),
        rx.el.ul(rx.foreach(EntranceState.people, _person), class_name="mt-3 flex flex-col gap-2"),
        class_name="mt-10 border-t border-line pt-6",
    )


def _person(person: rx.vars.ObjectVar[dict[str, str]]) -> rx.Component:
    look = "flex w-full items-center gap-3 rounded-box border border-line p-3 text-left hover:bg-base-200"
    return rx.el.li(
        rx.el.form(
            hidden("user_id", person["id"]),
            hidden("back", EntranceState.back),
            rx.el.button(
                avatar(person["name"]),
                rx.el.span(
                    rx.el.span(person["name"], class_name="block truncate font-medium"),
                    rx.el.span(person["place"], class_name="block truncate text-sm text-muted"),
                    class_name="min-w-0 flex-1",
                ),
                badge(role_name(person["role"])),
                type="submit",
                class_name=look,
            ),
            method="post",
            action=routes.SESSION_DEMO,
            on_submit=None,
        ),
        class_name="min-w-0",
    )


def link_page() -> rx.Component:
    """The button that a mail leads to."""
    return link_target(
        LinkState,
        checkbox_field(t("Keep me logged in"), "is_remembered", form="link"),
        name="link",
        title=t("Log in with your link"),
        lead=t("The link is good once. Press the button on the device you want to use."),
        action=routes.SESSION_LINK_USE,
        does=t("Log in"),
        another=EntranceState.log_in_url,
    )
