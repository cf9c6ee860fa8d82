"""The button that says an address is one's own, where a mail leads; and where one has that mail sent again."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.mail_links import AddressState, link_request, link_target
from myapp.web.accounts.state import EntranceState
from myapp.web.i18n import t


class ConfirmState(AddressState, rx.State):
    """There is nothing to type."""


class ConfirmAgainState(AddressState, rx.State):
    """The address that the mail goes to."""


def confirm_page() -> rx.Component:
    """One button."""
    return link_target(
        ConfirmState,
        name="confirm",
        title=t("Confirm your address"),
        lead=t("Then mail of your account reaches you there."),
        action=routes.ACCOUNT_CONFIRM,
        does=t("This is my address"),
        another=EntranceState.confirm_url,
    )


def confirm_again_page() -> rx.Component:
    """The answer is the same whether or not somebody has the address, or has confirmed it."""
    return link_request(
        ConfirmAgainState,
        name="confirm-again",
        title=t("Have the link sent again"),
        lead=t("Say the address you have registered with: the link that confirms it comes by mail once more."),
        action=routes.ACCOUNT_CONFIRM_AGAIN,
        sent=t("If there is an account with this address that is not confirmed yet, a link is on its way."),
    )
