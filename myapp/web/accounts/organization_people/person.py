"""One of an organisation's people, in a dialog: who it is, their role and groups, and taking them out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypedDict, override
from uuid import UUID

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Role
from myapp.web.accounts.address import address
from myapp.web.accounts.organization_people.state import chosen
from myapp.web.components import (
    Item,
    avatar,
    badge,
    button,
    checkbox_field,
    dialog,
    link,
    plain_link,
    relative_time,
    select_field,
)
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.forms import FormState, live_form
from myapp.web.roles import Choices, role_choices, role_name
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, flash, push

_FORM = "person"
_GROUP = "group-"


class GroupBox(TypedDict):
    """A group, and whether the person is in it."""

    name: str
    field: str
    is_in: bool


class PersonForm(FormState, rx.State):
    """Whom the address names, for those who lead the organisation."""

    person_id: str = ""
    name: str = ""
    username: str = ""
    avatar: str = ""
    email: str = ""
    is_placeholder: bool = False
    role: str = ""
    joined_at: str = ""
    is_self: bool = False
    can_change_role: bool = False
    can_remove: bool = False
    roles: Choices = []
    groups: list[GroupBox] = []

    @server_event
    async def load(self) -> None:
        """Nobody, where the address names nobody who is there."""
        self.person_id = ""
        scope, user_id = await scope_of(self), chosen(self)
        if user_id is None or not accounts.can(scope, "invite"):
            return
        with suppress(NotFound):
            person = await accounts.get_person(scope, user_id)
            inside = {each.id for each in await accounts.list_groups(scope, of=user_id)}
            self.groups = [
                GroupBox(name=each.name, field=f"{_GROUP}{each.id}", is_in=each.id in inside)
                for each in await accounts.list_groups(scope)
            ]
            self.name, self.username, self.email = person.name, person.username, person.email
            self.avatar = routes.avatar(person.avatar_key)
            self.is_placeholder = accounts.is_placeholder(person.email)
            self.role, self.joined_at = person.role.value, person.joined_at.isoformat()
            self.is_self = user_id == scope.user_id
            self.can_change_role = accounts.can(scope, "change_role", person)
            self.can_remove = accounts.can(scope, "remove_member", person) and not self.is_self
            self.roles = role_choices(accounts.roles_to_give(scope))
            self._fill({"role": self.role})
            self.person_id = str(user_id)

    def _require_person(self) -> UUID:
        return as_id(self.person_id)

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_person(await scope_of(self), self._require_person(), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        scope, person_id = await scope_of(self), self._require_person()
        role = None
        if self.can_change_role:
            changeset = await accounts.change_person(scope, person_id, attrs)
            if not changeset.valid:
                raise Invalid(changeset)
            role = Role(changeset.get_field("role"))
        groups = [
            as_id(name.removeprefix(_GROUP)) for name, value in attrs.items() if name.startswith(_GROUP) and value
        ]
        await accounts.update_person(scope, person_id, role=role, groups=groups)
        return [push("close_dialog"), flash(_("Saved."))]

    @event
    async def remove(self) -> Any:
        """Take the person out of the organisation."""
        scope, person_id = await scope_of(self), self._require_person()
        if scope.org_id is None:
            raise NotFound
        await accounts.delete_membership(scope, scope.org_id, person_id)
        gone = _("%(name)s does not belong to the organisation any more.") % {"name": self.name}
        return [push("close_dialog"), flash(gone)]


def person_dialogs() -> rx.Component:
    """Who it is, and the question before somebody is taken out."""
    return rx.fragment(_person_dialog(), _removal_dialog())


def _person_dialog() -> rx.Component:
    save = button(
        t("Save changes"),
        type="submit",
        form=f"{_FORM}-form",
        kind="primary",
        busy=PersonForm.is_saving,
        busy_label=t("Saving"),
    )
    can_save = PersonForm.can_change_role | (PersonForm.groups != [])
    return dialog(
        rx.Var.create(f"person-{PersonForm.person_id}"),
        title=PersonForm.name,
        body=rx.el.div(_who(), _form(), class_name="flex flex-col gap-5"),
        actions=[rx.cond(can_save, save)],
        cancel=t("Close"),
    )


def _who() -> rx.Component:
    facts = rx.el.dl(
        _fact(t("User name"), rx.el.span("@", PersonForm.username)),
        _fact(t("Mail"), address(PersonForm.email, PersonForm.is_placeholder)),
        _fact(t("Member since"), relative_time(PersonForm.joined_at)),
        rx.cond(PersonForm.can_change_role, rx.fragment(), _fact(t("Role"), badge(role_name(PersonForm.role)))),
        class_name="flex min-w-0 flex-1 flex-col gap-1 text-sm",
    )
    return rx.el.div(avatar(PersonForm.name, PersonForm.avatar, size="lg"), facts, class_name="flex items-start gap-4")


def _fact(name: rx.Var[str], value: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="w-28 shrink-0 text-muted"),
        rx.el.dd(value, class_name="min-w-0 wrap-anywhere"),
        class_name="flex gap-3 max-sm:flex-col max-sm:gap-0",
    )


def _form() -> rx.Component:
    role = select_field(
        t("Role"),
        "role",
        PersonForm.roles,
        form=_FORM,
        value=PersonForm.values["role"],
        error=PersonForm.errors["role"],
        required=True,
    )
    groups = rx.el.fieldset(
        rx.el.legend(t("Groups"), class_name="mb-2 text-sm font-medium"),
        rx.foreach(PersonForm.groups, _group),
        class_name="flex max-h-48 flex-col gap-2 overflow-y-auto",
    )
    return rx.fragment(
        live_form(
            PersonForm,
            rx.cond(PersonForm.can_change_role, role),
            rx.cond(PersonForm.groups, groups),
            name=_FORM,
            draft=PersonForm.person_id,
            class_name="flex flex-col gap-4",
        ),
        rx.cond(
            PersonForm.is_self,
            rx.el.p(
                link(t("Leave the organisation"), routes.organization_settings(ShellState.org_slug)),
                class_name="text-sm",
            ),
        ),
        rx.cond(PersonForm.can_remove, _removal_link()),
    )


def _group(group: Item) -> rx.Component:
    name = group["field"]
    return checkbox_field(group["name"], name, checked=group["is_in"].bool(), form=_FORM)  # pyright: ignore[reportArgumentType]


def _removal_link() -> rx.Component:
    return plain_link(
        t("Take out of the organisation"),
        to=rx.Var.create(f"#remove-{PersonForm.person_id}"),
        class_name="w-fit text-sm text-error underline underline-offset-4",
    )


def _removal_dialog() -> rx.Component:
    body = rx.el.div(
        rx.el.p(
            t("%(name)s (@%(username)s) leaves “%(org)s”.", name=PersonForm.name, username=PersonForm.username,
              org=ShellState.org_name),
            dir="auto",
        ),
        rx.el.p(
            t("What is for members only closes to them at once. What they wrote stays."),
            class_name="text-muted",
        ),
        class_name="flex flex-col gap-2",
    )  # fmt: skip
    remove = button(
        t("Take out %(name)s", name=PersonForm.name),
        kind="danger",
        on_click=PersonForm.remove,
        class_name="h-auto min-h-10 max-w-full wrap-anywhere",
    )
    return dialog(
        rx.Var.create(f"remove-{PersonForm.person_id}"),
        title=t("Take %(name)s out?", name=PersonForm.name),
        body=body,
        actions=[remove],
    )
