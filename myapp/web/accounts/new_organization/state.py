"""Making an organisation."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.events import server_event
from myapp.web.live.forms import FormState
from myapp.web.session import path_of, scope_of
from myapp.web.shell import flash

NEW = {"name": "", "slug": "", "visibility": "public", "language": "english"}


class NewOrganizationForm(FormState, rx.State):
    """The fields, and the address that comes of them."""

    path: str = ""  # the address it was loaded for
    address: str = ""  # where the organisation will stand

    @server_event
    async def load(self) -> None:
        """An empty form, for who may send it."""
        await self._change({})
        self.address = ""
        self._fill(NEW)
        self.path = path_of(self)

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        changeset = await accounts.change_organization(await scope_of(self), None, attrs)
        slug = changeset.get_field("slug")
        self.address = routes.organization(slug) if slug and not changeset.has_error("slug") else ""
        return changeset

    @override
    async def _save(self, attrs: Attrs) -> Any:
        made = await accounts.create_organization(await scope_of(self), attrs)
        return [
            flash(_("“%(name)s” is there, and you own it.") % {"name": made.name}),
            rx.redirect(routes.organization_people(made.slug)),
        ]
