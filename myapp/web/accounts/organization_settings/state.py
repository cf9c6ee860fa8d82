"""An organisation's settings: what it is called and where it stands, and the ways out of it."""

from __future__ import annotations

from typing import Any, override
from uuid import UUID

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.i18n import gettext_noop
from myapp.kit.scope import Role, Scope
from myapp.web.events import event, server_event
from myapp.web.live.forms import FormState
from myapp.web.session import path_of, scope_of
from myapp.web.shell import ShellState, flash

_ANOTHER_NAME = gettext_noop("is not its name")


class SettingsState(rx.State):
    """What the organisation is, and what the reader may do about it."""

    path: str = ""  # the address it was loaded for
    name: str = ""
    is_private: bool = False
    people: int = 0
    is_member: bool = False
    is_last_owner: bool = False
    can_update: bool = False
    can_invite: bool = False
    can_manage_groups: bool = False
    can_delete: bool = False

    @server_event
    async def load(self) -> None:
        """Read it; what changes about it comes by way of its groups."""
        await self.read_again()
        self.path = path_of(self)

    @server_event
    async def read_again(self) -> None:
        """What it is now, and what the reader may do."""
        scope = await scope_of(self)
        organization = await accounts.get_organization(scope, org_of(scope))
        self.name = organization.name
        self.is_private = organization.visibility == accounts.Visibility.PRIVATE
        self.is_member = accounts.can(scope, "leave")
        self.can_update = accounts.can(scope, "update_organization")
        self.can_invite = accounts.can(scope, "invite")
        self.can_manage_groups = accounts.can(scope, "manage_groups")
        self.can_delete = accounts.can(scope, "delete_organization")
        self.people = (await accounts.list_people(scope, page_size=1)).total_count
        self.is_last_owner = scope.role is Role.OWNER and await accounts.count_owners(scope) == 1

    @event
    async def leave(self) -> Any:
        """Belong to it no longer."""
        scope = await scope_of(self)
        if scope.user_id is None:
            raise NotFound
        await accounts.delete_membership(scope, org_of(scope), scope.user_id)
        return [flash(_("You have left “%(name)s”.") % {"name": self.name}), rx.redirect(routes.home())]


class OrganizationForm(FormState, rx.State):
    """Name, address, visibility and language."""

    @server_event
    async def load(self) -> None:
        """Fill the fields, for who may change them."""
        scope = await scope_of(self)
        if accounts.can(scope, "update_organization"):
            organization = await accounts.get_organization(scope, org_of(scope))
            self._fill({name: getattr(organization, name) for name in ("name", "slug", "visibility", "language")})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        scope = await scope_of(self)
        return await accounts.change_organization(scope, org_of(scope), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        scope = await scope_of(self)
        saved = await accounts.update_organization(scope, org_of(scope), attrs)
        there = routes.organization_settings(saved.slug)
        moves = [rx.redirect(there, replace=True)] if there != path_of(self) else [ShellState.enter]
        return [flash(_("Saved.")), *moves]


class DeleteOrganizationForm(FormState, rx.State):
    """Its name, typed by whoever deletes it."""

    @server_event
    def load(self) -> None:
        """Nothing is typed."""
        self._fill({"name": ""})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        """The name as it is, and nothing else."""
        scope = await scope_of(self)
        unchanged = await accounts.change_organization(scope, org_of(scope), {})
        is_named = attrs.get("name") == unchanged.get_field("name")
        return unchanged if is_named else unchanged.add_error("name", _ANOTHER_NAME)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        changeset, scope = await self._change(attrs), await scope_of(self)
        if not changeset.valid:
            raise Invalid(changeset)
        await accounts.delete_organization(scope, org_of(scope))
        gone = _("“%(name)s” is deleted.") % {"name": changeset.get_field("name")}
        return [flash(gone), rx.redirect(routes.home(), replace=True)]


def org_of(scope: Scope) -> UUID:
    """The organisation at hand. Raises NotFound where there is none."""
    if scope.org_id is None:
        raise NotFound
    return scope.org_id
