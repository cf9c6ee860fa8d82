"""The address for mail and the password: both ask for the password again, unless it was given lately."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import RateLimited
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Scope
from myapp.web.accounts.passwords import new_password
from myapp.web.accounts.settings.layout import FORM, section, settings_layout
from myapp.web.components import button, text_field
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.live.forms import FormState, NotSaved, live_form
from myapp.web.live.subscriptions import follow
from myapp.web.session import scope_of
from myapp.web.shell import flash

_EMAIL, _PASSWORD = "new-email", "new-password"


class EmailForm(FormState, rx.State):
    """Another address for mail."""

    email: str = ""  # the one that is good now

    @server_event
    async def load(self) -> None:
        """Show the address."""
        scope = await scope_of(self)
        await self._read(scope)
        self._fill({})
        if scope.user_id is not None:
            follow(self, accounts.topic_person(scope.user_id), EmailForm.on_person)

    @server_event
    async def on_person(self, _events: list[object]) -> None:
        """Perhaps the link was followed, in whichever window."""
        await self._read(await scope_of(self))

    async def _read(self, scope: Scope) -> None:
        self.email = (await accounts.get_profile(scope)).email

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_email_form(await scope_of(self), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        try:
            await accounts.request_email_change(await scope_of(self), attrs, ip=self.router.session.client_ip or None)
        except RateLimited as error:
            return NotSaved(flash(str(error), "error"))
        self._fill({})
        return flash(_("A link is on its way to the new address. Until it was followed, the old one stays."))


class PasswordForm(FormState, rx.State):
    """Another password."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_password_form(attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        await accounts.change_password(await scope_of(self), attrs)
        self._fill({})
        return flash(_("You have a new password. Everywhere else you are logged out."))


def account_page() -> rx.Component:
    """Two forms."""
    return settings_layout(t("Address and password"), _email(), _password())


def _email() -> rx.Component:
    now = rx.el.span(t("Mail goes to"), " ", rx.el.strong(EmailForm.email, class_name="wrap-anywhere"))
    form = live_form(
        EmailForm,
        text_field(
            t("New address"),
            "email",
            type="email",
            form=_EMAIL,
            error=EmailForm.errors["email"],
            required=True,
            auto_complete="email",
            help=t("We send a link there, which makes it yours."),
        ),
        button(
            t("Send the link"), type="submit", busy=EmailForm.is_saving, busy_label=t("Sending"), class_name="w-fit"
        ),
        name=_EMAIL,
        label=t("New address"),
        class_name=FORM,
    )
    return section(t("Address for mail"), form, help=now)


def _password() -> rx.Component:
    form = live_form(
        PasswordForm,
        *new_password(_PASSWORD, PasswordForm.errors, t("New password")),
        button(
            t("Change password"), type="submit", busy=PasswordForm.is_saving, busy_label=t("Saving"), class_name="w-fit"
        ),
        name=_PASSWORD,
        label=t("New password"),
        class_name=FORM,
    )
    return section(
        t("Password"), form, help=t("A new one logs you out everywhere else, and makes links in older mails worthless.")
    )
