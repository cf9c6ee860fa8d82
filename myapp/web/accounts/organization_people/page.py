"""An organisation's people: everybody of it reads the list, those who lead it change it."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.address import without_address
from myapp.web.accounts.organization_people.group import GroupPeopleForm, adding
from myapp.web.accounts.organization_people.inviting import InviteForm, invitation_dialogs
from myapp.web.accounts.organization_people.person import person_dialogs
from myapp.web.accounts.organization_people.state import OrgPeopleState
from myapp.web.components import (
    Item,
    avatar,
    badge,
    button,
    data_table,
    dialog_link,
    empty_state,
    icon,
    icon_button,
    link_button,
    page_numbers,
    plain_link,
    relative_time,
    search_field,
    skeleton_lines,
    table_cell,
    table_row,
    tabs,
)
from myapp.web.i18n import t, tn
from myapp.web.layout import page_header
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.roles import role_name
from myapp.web.shell import ShellState


def organization_people_page() -> rx.Component:
    """The list, and what opens over it."""
    invite = link_button(t("Invite"), dialog_link("invite"), kind="primary", icon_name="user-plus")
    return rx.el.div(
        page_header(t("People"), rx.cond(OrgPeopleState.can_invite, invite)),
        rx.cond(arrived(OrgPeopleState.path), _shown(), skeleton_lines(6)),
        class_name="flex flex-col",
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.cond(OrgPeopleState.can_invite, _views()),
        rx.cond(OrgPeopleState.shows_invited, _invited(), _people()),
        page_numbers(
            OrgPeopleState.page, OrgPeopleState.pages, previous=OrgPeopleState.previous, next=OrgPeopleState.next
        ),
        rx.cond(OrgPeopleState.can_invite, rx.fragment(person_dialogs(), invitation_dialogs())),
    )


def _views() -> rx.Component:
    people = routes.organization_people(ShellState.org_slug)
    invited = routes.organization_people(ShellState.org_slug, show="invited")
    waiting = t("Invited (%(count)s)", count=OrgPeopleState.invited_total)
    views = tabs(
        [
            (t("In the organisation"), people, rx.cond(OrgPeopleState.shows_invited, False, True)),
            (rx.cond(OrgPeopleState.invited_total, waiting, t("Invited")), invited, OrgPeopleState.shows_invited),
        ],
        label=t("Views"),
    )
    return rx.el.div(views, class_name="mb-4")


def _people() -> rx.Component:
    found = tn("%(count)s person", "%(count)s people", OrgPeopleState.total)
    nobody = empty_state(
        t("Nobody is called so"),
        t("Look for another part of the name, or of the user name."),
        link_button(t("Show everybody"), routes.organization_people(ShellState.org_slug), size="sm"),
        icon_name="users",
    )
    table = data_table(
        rx.foreach(OrgPeopleState.people, _person),
        columns=[t("Name"), t("Role"), t("Member since"), rx.cond(OrgPeopleState.can_invite, t("Actions"), "")],
        caption=t("People"),
    )
    return rx.el.section(
        _search(),
        rx.cond(OrgPeopleState.manages_group, adding()),
        rx.el.p(found, role="status", class_name="py-2 text-sm text-muted"),
        rx.cond(OrgPeopleState.people, table, rx.cond(OrgPeopleState.words, nobody, _empty_group())),
        aria_label=t("People"),
    )


def _empty_group() -> rx.Component:
    """Without words to look for, only a group can have nobody in it."""
    return empty_state(
        t("Nobody is in this group yet"),
        rx.cond(
            OrgPeopleState.manages_group,
            t("Type a name above to take somebody in."),
            t("Those who lead the organisation take people in."),
        ),
        link_button(t("Show everybody"), routes.organization_people(ShellState.org_slug), size="sm"),
        icon_name="users",
    )


def _search() -> rx.Component:
    words = search_field(t("Look for people"), placeholder=t("Look for a name"), class_name="w-full sm:max-w-sm")
    group = rx.el.label(
        rx.el.span(t("Group"), class_name="sr-only"),
        rx.el.select(
            rx.el.option(t("All groups"), value=""),
            rx.foreach(OrgPeopleState.groups, lambda group: rx.el.option(group["name"], value=group["id"])),
            name="group",
            class_name="select w-full border-edge bg-base-100",
        ),
        class_name="sm:w-56",
    )
    return query_form(
        words,
        rx.cond(OrgPeopleState.groups, group),
        label=t("Look for people"),
        class_name="flex flex-col gap-3 sm:flex-row",
    )


def _person(person: Item) -> rx.Component:
    return table_row(
        table_cell(_name(person), label=t("Name"), class_name="min-w-0"),
        table_cell(badge(role_name(person["role"])), label=t("Role")),
        table_cell(relative_time(person["joined_at"]), label=t("Member since"), class_name="text-muted"),
        rx.cond(OrgPeopleState.can_invite, table_cell(_actions(person), label=t("Actions"))),
        key=person["id"],
    )


def _name(person: Item) -> rx.Component:
    named = rx.el.span(
        rx.el.span(person["name"], dir="auto", class_name="font-medium wrap-anywhere group-hover:underline"),
        rx.cond(person["is_self"].bool(), rx.el.span(" ", t("(you)"), class_name="text-muted")),
        rx.el.span("@", person["username"], class_name="block text-xs text-muted"),
        rx.cond(
            person["email"],
            rx.el.span(
                rx.cond(person["is_placeholder"].bool(), without_address(), person["email"]),
                class_name="block text-xs text-muted wrap-anywhere",
            ),
        ),
        class_name="min-w-0 text-start",
    )
    look = "group flex min-w-0 items-start gap-3"
    face = avatar(person["name"], person["avatar"])
    return rx.cond(
        person["url"],
        plain_link(face, named, to=person["url"], prevent_scroll_reset=True, class_name=look),
        rx.el.span(face, named, class_name=look),
    )


def _actions(person: Item) -> rx.Component:
    edit = plain_link(
        icon("pen-line", label=t("Change %(name)s", name=person["name"])),
        to=person["url"],
        prevent_scroll_reset=True,
        class_name="btn btn-ghost btn-sm btn-square",
    )
    remove = plain_link(
        icon("user-minus", label=t("Take out %(name)s", name=person["name"])),
        to=person["removal_url"],
        prevent_scroll_reset=True,
        class_name="btn btn-ghost btn-sm btn-square",
    )
    ungroup = icon_button(
        "circle-minus",
        t("Take %(name)s out of the group", name=person["name"]),
        size="sm",
        on_click=GroupPeopleForm.remove(person["id"]),
    )
    return rx.el.span(
        rx.cond(OrgPeopleState.manages_group, ungroup),
        edit,
        rx.cond(person["removal_url"], remove),
        class_name="flex gap-1",
    )


def _invited() -> rx.Component:
    nobody = empty_state(
        t("Nobody is invited"),
        t("Whoever you invite gets a mail with a link, and stands here until it is followed."),
        link_button(t("Invite somebody"), dialog_link("invite"), kind="primary", size="sm"),
        icon_name="mail",
    )
    table = data_table(
        rx.foreach(OrgPeopleState.invited, _invitation),
        columns=[t("Mail address"), t("Role"), t("Sent"), t("Actions")],
        caption=t("Invitations"),
    )
    return rx.el.section(rx.cond(OrgPeopleState.invited, table, nobody), aria_label=t("Invitations"))


def _invitation(invitation: Item) -> rx.Component:
    by = rx.cond(
        invitation["inviter"],
        rx.el.span(t("by %(name)s", name=invitation["inviter"]), dir="auto", class_name="block text-xs wrap-anywhere"),
    )
    return table_row(
        table_cell(invitation["email"], label=t("Mail address"), class_name="font-medium wrap-anywhere"),
        table_cell(badge(role_name(invitation["role"])), label=t("Role")),
        table_cell(
            rx.el.span(
                relative_time(invitation["sent_at"]),
                rx.cond(invitation["is_expired"].bool(), rx.fragment(" ", badge(t("Expired"), tone="warning"))),
                by,
            ),
            label=t("Sent"),
            class_name="text-muted",
        ),
        table_cell(_invitation_actions(invitation), label=t("Actions")),
        key=invitation["id"],
    )


def _invitation_actions(invitation: Item) -> rx.Component:
    return rx.el.span(
        button(
            t("Send again"),
            size="sm",
            on_click=InviteForm.resend(invitation["id"]),
            aria_label=t("Send the invitation to %(email)s again", email=invitation["email"]),
        ),
        plain_link(
            icon("trash-2", label=t("Take back the invitation to %(email)s", email=invitation["email"])),
            to=invitation["revocation_url"],
            prevent_scroll_reset=True,
            class_name="btn btn-ghost btn-sm btn-square",
        ),
        class_name="flex flex-wrap gap-1 max-sm:justify-end",
    )
