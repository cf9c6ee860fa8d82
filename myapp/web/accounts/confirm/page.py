"""The button that says an address is one's own: a mail leads here."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.accounts.columns import FORM, column
from myapp.web.accounts.state import EntranceState
from myapp.web.components import button
from myapp.web.i18n import t
from myapp.web.live.posted import PostedState, hidden, post_form


class ConfirmState(PostedState, rx.State):
    """There is nothing to type."""

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
            button(t("This is my address"), kind="primary", type="submit", class_name="w-full"),
            name="confirm",
            action=routes.ACCOUNT_CONFIRM,
            label=t("Confirm your address"),
            class_name=FORM,
        ),
        lead=t("Then mail of your account reaches you there."),
    )
