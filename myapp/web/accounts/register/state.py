"""The form where one becomes a person here."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.live.posted import PostedState
from myapp.web.session import scope_of


class RegisterState(PostedState, rx.State):
    """By the same rules that the endpoint goes by; nothing of it is kept."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_registration(await scope_of(self), attrs)
