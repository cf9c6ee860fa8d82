"""An organisation's settings: everybody of it sees them, each changes what their role lets them."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.organization_fields import address_field, organization_fields
from myapp.web.accounts.organization_settings.groups import groups_section
from myapp.web.accounts.organization_settings.state import DeleteOrganizationForm, OrganizationForm, SettingsState
from myapp.web.accounts.organization_settings.transfer import transfer_dialog
from myapp.web.components import badge, button, dialog, dialog_link, link_button, skeleton_lines, text_field
from myapp.web.components._types import Child
from myapp.web.i18n import t, tn
from myapp.web.layout import page_header
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import live_form
from myapp.web.shell import ShellState

_FORM, _DELETE = "organization", "delete-organization"


def organization_settings_page() -> rx.Component:
    """What it is, its people and groups, and the ways out."""
    return rx.el.div(
        page_header(t("Settings"), lead=rx.el.span(ShellState.org_name, dir="auto", class_name="wrap-anywhere")),
        rx.cond(arrived(SettingsState.path), _shown(), skeleton_lines(8)),
        class_name="mx-auto max-w-column",
    )


def _shown() -> rx.Component:
    return rx.el.div(
        rx.cond(SettingsState.can_update, _general(), _facts()),
        _people(),
        groups_section(_heading(t("Groups"), t("Some of the people, under a name."))),
        rx.cond(SettingsState.is_member, _leaving()),
        rx.cond(SettingsState.can_delete, _danger()),
        class_name="flex flex-col gap-10",
    )


def _heading(text: Child, help: Child) -> rx.Component:  # noqa: A002 - the word for it
    return rx.el.div(
        rx.el.h2(text, class_name="text-lg"),
        rx.el.p(help, class_name="text-muted"),
        class_name="flex flex-col gap-0.5",
    )


def _general() -> rx.Component:
    help_text = t("Its place in links: /o/ and this. When it changes, the former one leads here.")
    address = address_field(OrganizationForm, _FORM, help=help_text, required=True)
    form = live_form(
        OrganizationForm,
        *organization_fields(OrganizationForm, _FORM, address=address),
        button(
            t("Save changes"),
            type="submit",
            kind="primary",
            busy=OrganizationForm.is_saving,
            busy_label=t("Saving"),
            class_name="w-fit",
        ),
        name=_FORM,
        class_name="flex flex-col gap-5",
    )
    heading = rx.el.h2(t("What it is"), class_name="text-lg")
    return rx.el.section(heading, form, class_name="flex flex-col gap-4")


def _facts() -> rx.Component:
    private = rx.cond(
        SettingsState.is_private,
        badge(t("Private"), icon_name="lock"),
        badge(t("Public"), icon_name="globe"),
    )
    return rx.el.section(
        rx.el.h2(SettingsState.name, dir="auto", class_name="text-lg wrap-anywhere"),
        rx.el.p(private, class_name="text-muted"),
        rx.el.p(t("Its admins change what it is called and who may look into it."), class_name="text-muted"),
        class_name="flex flex-col gap-2",
    )


def _people() -> rx.Component:
    people = routes.organization_people(ShellState.org_slug)
    invite = link_button(t("Invite somebody"), f"{people}{dialog_link('invite')}", icon_name="user-plus")
    many = tn("%(count)s person belongs to it.", "%(count)s people belong to it.", SettingsState.people)
    return rx.el.section(
        _heading(t("People"), many),
        rx.el.div(
            link_button(t("See the people"), people, icon_name="users"),
            rx.cond(SettingsState.can_invite, invite),
            rx.cond(
                SettingsState.can_invite,
                link_button(t("Invitations"), routes.organization_people(ShellState.org_slug, show="invited")),
            ),
            class_name="flex flex-wrap gap-2",
        ),
        class_name="flex flex-col gap-3",
    )


def _leaving() -> rx.Component:
    leave = link_button(t("Leave the organisation"), dialog_link("leave"), icon_name="log-out", class_name="w-fit")
    stays = rx.el.p(
        t("You are its only owner: make somebody else an owner before you leave."), class_name="text-sm text-muted"
    )
    return rx.el.section(
        _heading(t("Leave"), t("What you wrote stays. You come back when somebody invites you.")),
        rx.cond(SettingsState.is_last_owner, stays, leave),
        _leave_dialog(),
        class_name="flex flex-col gap-3",
    )


def _leave_dialog() -> rx.Component:
    closes = rx.cond(
        SettingsState.is_private,
        t("For you it does not exist any more then, until somebody invites you again."),
        t("What is for members only closes to you at once, until somebody invites you again."),
    )
    leave = button(t("Leave"), kind="danger", on_click=SettingsState.leave)
    return dialog(
        "leave",
        title=t("Leave %(name)s?", name=SettingsState.name),
        body=rx.el.p(closes, class_name="text-muted"),
        actions=[leave],
    )


def _danger() -> rx.Component:
    delete = link_button(
        t("Delete the organisation"), dialog_link("delete"), kind="danger", icon_name="trash-2", class_name="w-fit"
    )
    hand_over = link_button(
        t("Hand it over"), dialog_link("transfer"), icon_name="arrow-right-left", class_name="w-fit"
    )
    return rx.el.section(
        rx.el.h2(t("What cannot be undone"), class_name="text-lg"),
        _act(t("Hand it over"), t("Another member owns it then, and you become one of its admins."), hand_over),
        _act(t("Delete it"), t("It goes for good, with its posts, its chat and all that is in it."), delete),
        transfer_dialog(),
        _delete_dialog(),
        class_name="flex flex-col gap-5 rounded-box border border-error/40 p-4 sm:p-5",
    )


def _act(name: Child, help: Child, link: Child) -> rx.Component:  # noqa: A002 - the word for it
    return rx.el.div(
        rx.el.div(
            rx.el.h3(name, class_name="font-medium"),
            rx.el.p(help, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        link,
        class_name="flex flex-col items-start gap-3 sm:flex-row sm:items-center",
    )


def _delete_dialog() -> rx.Component:
    name = text_field(
        t("Type its name to delete it"),
        "name",
        form=_DELETE,
        value=DeleteOrganizationForm.values["name"],
        error=DeleteOrganizationForm.errors["name"],
        help=rx.el.strong(SettingsState.name, dir="auto", class_name="font-medium select-all wrap-anywhere"),
        required=True,
        dir="auto",
        auto_complete="off",
    )
    delete = button(
        t("Delete for good"),
        type="submit",
        form=f"{_DELETE}-form",
        kind="danger",
        busy=DeleteOrganizationForm.is_saving,
        busy_label=t("Deleting"),
    )
    return dialog(
        "delete",
        title=t("Delete %(name)s?", name=SettingsState.name),
        body=live_form(DeleteOrganizationForm, name, name=_DELETE),
        actions=[delete],
    )
