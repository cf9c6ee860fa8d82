"""The form of a person's profile."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.accounts import ChangedElsewhere
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.events import server_event
from myapp.web.live.forms import FormState, NotSaved
from myapp.web.session import path_of, scope_of
from myapp.web.shell import flash


class ProfileForm(FormState, rx.State):
    """What one says of oneself; `values` are what the form was filled with."""

    path: str = ""

    @server_event
    async def load(self) -> None:
        """Fill the form."""
        self._fill((await accounts.get_profile(await scope_of(self))).fields)
        self.path = path_of(self)

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_profile(await scope_of(self), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        try:
            profile = await accounts.update_profile(await scope_of(self), attrs, seen=self.values)
        except ChangedElsewhere as error:
            return NotSaved(
                ProfileForm.load, flash(str(error), "error")
            )  # what was typed stays, over what is there now
        self._fill(profile.fields)
        return flash(_("Saved."))
