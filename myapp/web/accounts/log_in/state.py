"""The form of the log-in page."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.accounts.mail_links import AddressState
from myapp.web.live.posted import PostedState


class LogInState(PostedState, rx.State):
    """Whether the form is filled in; whether it is right, only the endpoint says."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_log_in(attrs)


class LinkState(AddressState, rx.State):
    """The button that a mail leads to."""
