"""The line above every page of somebody who has not confirmed the mail address, with the link sent again on a press."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import accounts
from myapp.kit.errors import RateLimited
from myapp.kit.i18n import gettext as _
from myapp.web.components import icon
from myapp.web.events import event
from myapp.web.i18n import t
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, flash


class UnconfirmedState(rx.State):
    """The button of the line."""

    @event
    async def send_again(self) -> Any:
        """Have the link sent again."""
        try:
            await accounts.request_confirmation(await scope_of(self), ip=self.router.session.client_ip or None)
        except RateLimited as error:
            return flash(str(error), "error")
        return flash(_("A link is on its way. The one sent before is worth nothing now."))


def unconfirmed_line() -> rx.Component:
    """It is there until the address is confirmed, in whichever window that happens."""
    again = rx.el.button(
        t("Send it again"),
        type="button",
        on_click=UnconfirmedState.send_again,
        class_name="min-h-6 shrink-0 font-medium underline underline-offset-4",
    )
    line = rx.el.aside(
        rx.el.div(
            icon("mail", size=16, class_name="shrink-0"),
            rx.el.p(
                t("Confirm your address: the link is in the mail to %(email)s.", email=ShellState.person_unconfirmed),
                class_name="min-w-0 flex-1 wrap-anywhere",
            ),
            again,
            class_name="mx-auto flex w-full max-w-7xl items-center gap-3 px-4 py-2 sm:px-8",
        ),
        aria_label=t("Confirm your address"),
        class_name="border-b border-line bg-base-200 text-sm",
    )
    return rx.cond(ShellState.person_unconfirmed, line, rx.fragment())
