"""All people of the site: operators look them up, keep them out, let them in again, and make operators."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.address import address, without_address
from myapp.web.accounts.users.state import UsersState
from myapp.web.components import (
    Item,
    avatar,
    badge,
    button,
    data_table,
    dialog,
    empty_state,
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
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.ops.layout import ops_layout


def users_page() -> rx.Component:
    """The list, and what opens over it."""
    return ops_layout(
        t("All people"),
        rx.el.div(rx.cond(arrived(UsersState.path), _shown(), skeleton_lines(8)), class_name="flex flex-col"),
        lead=t("Everybody who has an account here. Newest first."),
    )


def _shown() -> rx.Component:
    nobody = empty_state(
        t("Nobody is found"),
        t("Look for another part of the name, the user name or the address."),
        link_button(t("Show everybody"), routes.users(), size="sm"),
        icon_name="users",
    )
    table = data_table(
        rx.foreach(UsersState.users, _user),
        columns=[t("Name"), t("Mail address"), t("State"), t("Organisations"), t("Here since")],
        caption=t("All people"),
    )
    found = tn("%(count)s person", "%(count)s people", UsersState.total)
    return rx.fragment(
        _views(),
        _search(),
        rx.el.p(found, role="status", class_name="py-2 text-sm text-muted"),
        rx.cond(UsersState.users, table, nobody),
        page_numbers(UsersState.page, UsersState.pages, previous=UsersState.previous, next=UsersState.next),
        _person_dialog(),
    )


def _views() -> rx.Component:
    views = (
        (t("All"), routes.users(), UsersState.show == ""),
        (t("Operators"), routes.users(show="operators"), UsersState.show == "operators"),
        (t("Kept out"), routes.users(show="deactivated"), UsersState.show == "deactivated"),
    )
    return rx.el.div(tabs(views, label=t("Views")), class_name="mb-4")


def _search() -> rx.Component:
    words = search_field(
        t("Look for people"), placeholder=t("Look for a name or an address"), class_name="w-full sm:max-w-sm"
    )
    return query_form(words, label=t("Look for people"))


def _user(user: Item) -> rx.Component:
    named = plain_link(
        avatar(user["name"], user["avatar"]),
        rx.el.span(
            rx.el.span(user["name"], dir="auto", class_name="font-medium wrap-anywhere group-hover:underline"),
            rx.el.span("@", user["username"], class_name="block text-xs text-muted"),
            class_name="min-w-0 text-start",
        ),
        to=user["url"],
        prevent_scroll_reset=True,
        class_name="group flex min-w-0 items-start gap-3",
    )
    return table_row(
        table_cell(named, label=t("Name"), class_name="min-w-0"),
        table_cell(
            rx.cond(user["is_placeholder"].bool(), without_address(), rx.el.span(user["email"])),
            label=t("Mail address"),
            class_name="wrap-anywhere",
        ),
        table_cell(_marks(user["is_operator"], user["is_confirmed"], user["is_deactivated"]), label=t("State")),
        table_cell(user["organizations"], label=t("Organisations"), class_name="tabular"),
        table_cell(relative_time(user["joined_at"]), label=t("Here since"), class_name="text-muted"),
        key=user["id"],
    )


def _marks(is_operator: rx.Var[bool], is_confirmed: rx.Var[bool], is_deactivated: rx.Var[bool]) -> rx.Component:
    return rx.el.span(
        rx.cond(is_deactivated, badge(t("Kept out"), tone="error")),
        rx.cond(is_operator, badge(t("Operator"), tone="info")),
        rx.cond(is_confirmed, rx.fragment(), badge(t("Address not confirmed"), tone="warning")),
        class_name="flex flex-wrap gap-1",
    )


def _person_dialog() -> rx.Component:
    facts = rx.el.dl(
        _fact(t("User name"), rx.el.span("@", UsersState.username)),
        _fact(t("Mail"), address(UsersState.email, UsersState.is_placeholder)),
        _fact(t("Here since"), relative_time(UsersState.joined_at)),
        _fact(t("Belongs to"), tn("%(count)s organisation", "%(count)s organisations", UsersState.organizations)),
        class_name="flex min-w-0 flex-1 flex-col gap-1 text-sm",
    )
    marks = _marks(UsersState.is_operator, UsersState.is_confirmed, UsersState.is_deactivated)  # pyright: ignore[reportArgumentType]
    body = rx.el.div(
        rx.el.div(avatar(UsersState.name, UsersState.avatar, size="lg"), facts, class_name="flex items-start gap-4"),
        marks,
        rx.cond(
            UsersState.is_self,
            rx.el.p(t("This is you. You cannot keep out yourself."), class_name="text-sm text-muted"),
            rx.el.p(
                t("Whoever is kept out is logged out everywhere at once. What they wrote stays."),
                class_name="text-sm text-muted",
            ),
        ),
        class_name="flex flex-col gap-4",
    )
    running = rx.cond(
        UsersState.is_operator,
        button(t("Make no operator"), on_click=UsersState.make_no_operator),
        button(t("Make operator"), on_click=UsersState.make_operator),
    )
    keeping = rx.cond(
        UsersState.is_deactivated,
        button(t("Let in again"), kind="primary", on_click=UsersState.reactivate),
        rx.cond(
            UsersState.is_self,
            rx.fragment(),
            button(
                t("Keep out %(name)s", name=UsersState.name),
                kind="danger",
                on_click=UsersState.deactivate,
                class_name="h-auto min-h-10 max-w-full wrap-anywhere",
            ),
        ),
    )
    return dialog(
        rx.Var.create(f"person-{UsersState.user_id}"),
        title=UsersState.name,
        body=body,
        actions=[running, keeping],
        cancel=t("Close"),
    )


def _fact(name: rx.Var[str], value: rx.Component | rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="w-28 shrink-0 text-muted"),
        rx.el.dd(value, class_name="min-w-0 wrap-anywhere"),
        class_name="flex gap-3 max-sm:flex-col max-sm:gap-0",
    )
