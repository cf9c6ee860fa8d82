"""What happens to the picture of oneself; the file itself goes to an endpoint (`web/api/uploads.py`)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.errors import Unauthenticated
from myapp.kit.i18n import gettext as _
from myapp.web.events import event
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, push


class AvatarState(rx.State):
    """The picture itself stands in the shell, which shows it on every page."""

    is_removing: bool = False

    @event
    async def saved(self) -> Any:
        """The browser has sent a new one: show it."""
        await self._look_again()
        return push("announce", _("Your picture is saved."))

    @event
    async def remove(self) -> Any:
        """Show initials again."""
        self.is_removing = True
        yield
        try:
            await accounts.delete_avatar(await scope_of(self))
            await self._look_again()
        finally:
            self.is_removing = False
        yield [push("announce", _("Your picture is removed.")), push("focus", "avatar-file")]

    async def _look_again(self) -> None:
        scope = await scope_of(self)
        if scope.user_id is None:
            raise Unauthenticated
        shell = await self.get_state(ShellState)
        shell.person_avatar = routes.avatar((await accounts.get_face(scope, scope.user_id)).avatar_key)
