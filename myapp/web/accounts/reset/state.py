"""The forms of who has forgotten the password."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.accounts.mail_links import AddressState
from myapp.web.live.posted import PostedState


class ResetState(AddressState, rx.State):
    """The address that the link goes to."""


class NewPasswordState(PostedState, rx.State):
    """The new password."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_password_form(attrs)
