"""An organisation's groups: made, renamed and deleted by those who lead it, seen by everybody of it."""

from __future__ import annotations

from typing import Any, TypedDict, override

import reflex as rx

from myapp import accounts
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Scope
from myapp.web.accounts.organization_settings.state import SettingsState, org_of
from myapp.web.components import Item, button, dialog, icon, plain_link, text_field
from myapp.web.components._types import Child
from myapp.web.events import event, server_event
from myapp.web.i18n import t, tn
from myapp.web.ids import as_id
from myapp.web.live.forms import FormState, live_form
from myapp.web.live.subscriptions import follow
from myapp.web.reading import read_again
from myapp.web.session import query, scope_of
from myapp.web.shell import ShellState, flash, push

_NEW, _RENAME = "new-group", "group"


class GroupRow(TypedDict):
    """A group, how many are in it, and the addresses that show them and open its dialogs."""

    id: str
    name: str
    count: int
    people_url: str
    renaming_url: str
    deletion_url: str


class GroupsState(rx.State):
    """The groups by name, and the one that the address names."""

    groups: list[GroupRow] = []
    group_id: str = ""
    group_name: str = ""

    @server_event
    async def load(self) -> None:
        """Read them, and follow what happens in the organisation."""
        scope = await scope_of(self)
        follow(self, accounts.topic_people(org_of(scope)), GroupsState.changed)
        await self._read(scope)

    @server_event
    async def changed(self, _events: list) -> Any:
        """A group, a person or the organisation changed: perhaps the reader may do less now, or nothing."""
        return await read_again(self, self._read) or SettingsState.read_again

    @server_event
    async def read_again(self) -> None:
        """The groups there are now."""
        await self._read(await scope_of(self))

    async def _read(self, scope: Scope) -> None:
        slug = (await self.get_state(ShellState)).org_slug
        found = await accounts.list_groups(scope)
        self.groups = [_row(slug, each.id, each.name, each.member_count) for each in found]
        named = next((each for each in self.groups if each["id"] == query(self).get("group")), None)
        self.group_id, self.group_name = (named["id"], named["name"]) if named else ("", "")

    @event
    async def delete(self) -> Any:
        """Delete the group in the address."""
        await accounts.delete_group(await scope_of(self), as_id(self.group_id))
        return [push("close_dialog"), flash(_("The group “%(name)s” is deleted.") % {"name": self.group_name})]


class NewGroupForm(FormState, rx.State):
    """The name of a new group."""

    @server_event
    def load(self) -> None:
        """Nothing is typed."""
        self._fill({"name": ""})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_group(await scope_of(self), None, attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        await accounts.create_group(await scope_of(self), attrs)
        self._fill({"name": ""})
        return GroupsState.read_again


class RenameGroupForm(FormState, rx.State):
    """The name of the group in the address."""

    @server_event
    async def load(self) -> None:
        """The name it has."""
        self._fill({"name": (await self.get_state(GroupsState)).group_name})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_group(await scope_of(self), await self._group_id(), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        await accounts.update_group(await scope_of(self), await self._group_id(), attrs)
        return [push("close_dialog"), flash(_("Saved."))]

    async def _group_id(self) -> Any:
        return as_id((await self.get_state(GroupsState)).group_id)


def _row(org_slug: str, group_id: object, name: str, count: int) -> GroupRow:
    here = routes.organization_settings(org_slug, group=str(group_id))
    return GroupRow(
        id=str(group_id),
        name=name,
        count=count,
        people_url=routes.organization_people(org_slug, group=str(group_id)),
        renaming_url=f"{here}#rename-{group_id}",
        deletion_url=f"{here}#delete-{group_id}",
    )


def groups_section(heading: rx.Component) -> rx.Component:
    """The list, and what may be done with it."""
    none = rx.el.p(t("There are no groups yet."), class_name="text-muted")
    listed = rx.el.ul(rx.foreach(GroupsState.groups, _group), class_name="divide-y divide-line border-y border-line")
    return rx.el.section(
        heading,
        rx.cond(GroupsState.groups, listed, none),
        rx.cond(SettingsState.can_manage_groups, rx.fragment(_new_form(), _rename_dialog(), _delete_dialog())),
        class_name="flex flex-col gap-3",
    )


def _group(group: Item) -> rx.Component:
    people = tn("%(count)s person", "%(count)s people", group["count"])
    return rx.el.li(
        plain_link(
            rx.el.span(group["name"], dir="auto", class_name="min-w-0 font-medium wrap-anywhere group-hover:underline"),
            rx.el.span(people, class_name="shrink-0 text-sm text-muted"),
            to=group["people_url"],
            class_name="group flex min-w-0 flex-1 items-baseline gap-3 py-2",
        ),
        rx.cond(
            SettingsState.can_manage_groups,
            rx.el.span(
                _opens("pen-line", t("Rename the group %(name)s", name=group["name"]), group["renaming_url"]),
                _opens("trash-2", t("Delete the group %(name)s", name=group["name"]), group["deletion_url"]),
                class_name="flex shrink-0 gap-1",
            ),
        ),
        key=group["id"],
        class_name="flex items-center gap-3",
    )


def _opens(icon_name: str, label: rx.Var[str], to: Child) -> rx.Component:
    return plain_link(
        icon(icon_name, label=label),
        to=to,  # pyright: ignore[reportArgumentType] - an entry of a row
        prevent_scroll_reset=True,
        class_name="btn btn-ghost btn-sm btn-square",
    )


def _new_form() -> rx.Component:
    return live_form(
        NewGroupForm,
        text_field(
            t("New group"),
            "name",
            form=_NEW,
            value=NewGroupForm.values["name"],
            error=NewGroupForm.errors["name"],
            required=True,
            dir="auto",
            auto_complete="off",
            class_name="min-w-0 flex-1 sm:max-w-sm",
        ),
        button(
            t("Make group"), type="submit", busy=NewGroupForm.is_saving, busy_label=t("Making it"), class_name="mt-6.5"
        ),
        name=_NEW,
        class_name="flex items-start gap-2",
    )


def _rename_dialog() -> rx.Component:
    save = button(
        t("Save changes"),
        type="submit",
        form=f"{_RENAME}-form",
        kind="primary",
        busy=RenameGroupForm.is_saving,
        busy_label=t("Saving"),
    )
    form = live_form(
        RenameGroupForm,
        text_field(
            t("Name"),
            "name",
            form=_RENAME,
            value=RenameGroupForm.values["name"],
            error=RenameGroupForm.errors["name"],
            required=True,
            dir="auto",
            auto_complete="off",
        ),
        name=_RENAME,
        draft=GroupsState.group_id,
    )
    name = rx.Var.create(f"rename-{GroupsState.group_id}")
    return dialog(name, title=t("Rename this group"), body=form, actions=[save])


def _delete_dialog() -> rx.Component:
    body = rx.el.div(
        rx.el.p(rx.el.strong(GroupsState.group_name, dir="auto", class_name="wrap-anywhere")),
        rx.el.p(t("Its people stay in the organisation."), class_name="text-muted"),
        class_name="flex flex-col gap-2",
    )
    delete = button(t("Delete group"), kind="danger", on_click=GroupsState.delete)
    name = rx.Var.create(f"delete-{GroupsState.group_id}")
    return dialog(name, title=t("Delete this group?"), body=body, actions=[delete])
