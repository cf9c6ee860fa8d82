"""Whether the person is told by mail, too."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.i18n import gettext as _
from myapp.web.accounts.settings.layout import settings_layout
from myapp.web.components import link
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.session import scope_of
from myapp.web.shell import flash


class NotificationSettingsState(rx.State):
    """The one wish there is."""

    wants_mail: bool = True

    @server_event
    async def load(self) -> None:
        """What the person has chosen."""
        self.wants_mail = (await accounts.get_settings(await scope_of(self))).wants_mail

    @event
    async def choose_mail(self, wanted: bool) -> Any:
        """Kept at once."""
        settings = await accounts.update_settings(await scope_of(self), {"wants_mail": wanted})
        self.wants_mail = settings.wants_mail
        return flash(_("You get mails about news.") if settings.wants_mail else _("You get no mails about news."))


def notification_settings_page() -> rx.Component:
    """A switch, and what it means."""
    other = cast("rx.Var[bool]", ~NotificationSettingsState.wants_mail)  # pyright: ignore[reportOperatorIssue]
    switch = rx.el.input(
        type="checkbox",
        id="wants-mail",
        checked=NotificationSettingsState.wants_mail,
        on_change=lambda _value: NotificationSettingsState.choose_mail(other),
        aria_describedby="wants-mail-help",
        class_name="toggle toggle-primary mt-0.5",
    )
    words = rx.el.span(
        rx.el.span(t("Tell me by mail, too"), class_name="block font-medium"),
        rx.el.span(
            t("Of what you have not read within a minute, several things in one mail."),
            id="wants-mail-help",
            class_name="block text-sm text-muted",
        ),
    )
    return settings_layout(
        t("Notifications"),
        rx.el.label(switch, words, html_for="wants-mail", class_name="flex w-fit cursor-pointer items-start gap-3"),
        lead=link(t("All notifications"), routes.notifications()),
    )
