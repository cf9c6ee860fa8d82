"""The audit trail: who did what to which thing, when, from where, and what it changed."""

from __future__ import annotations

from typing import Literal

import reflex as rx

from myapp.kit import routes
from myapp.web.components import (
    Item,
    data_table,
    empty_state,
    link,
    link_button,
    relative_time,
    skeleton_lines,
    table_cell,
    table_row,
)
from myapp.web.components._types import Text
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.ops.audit.rows import Change
from myapp.web.ops.audit.state import AuditState
from myapp.web.ops.layout import ops_layout


def audit_page() -> rx.Component:
    """A page of the trail, with what narrows it."""
    return ops_layout(
        t("Audit trail"),
        rx.el.div(_filters(), rx.cond(arrived(AuditState.path), _shown(), skeleton_lines(10))),
        lead=t("Every deed that needs a right, written with the deed itself. The latest first."),
    )


def _filters() -> rx.Component:
    return query_form(
        _field("who", t("Who"), t("A name, an address, or system")),
        _field("what", t("What"), t("Part of a deed, or the id of a thing")),
        _field("since", t("From"), kind="date"),
        _field("until", t("To"), kind="date"),
        label=t("Search the audit trail"),
        class_name="mb-6 grid grid-cols-2 gap-3 md:grid-cols-[1fr_1fr_auto_auto]",
    )


def _field(
    name: str, label: Text, placeholder: Text = "", *, kind: Literal["search", "date"] = "search"
) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="text-xs text-muted"),
        rx.el.input(
            type=kind,
            name=name,
            placeholder=placeholder,
            auto_complete="off",
            class_name="input input-sm w-full border-edge bg-base-100 placeholder:text-muted",
        ),
        class_name="flex min-w-0 flex-col gap-1" + (" max-md:col-span-2" if kind == "search" else ""),
    )


def _shown() -> rx.Component:
    table = data_table(
        rx.foreach(AuditState.entries, _entry),
        columns=[t("When"), t("Who"), t("What"), t("Where"), t("What changed")],
        caption=t("Audit trail"),
    )
    nothing = rx.cond(
        AuditState.is_narrowed,
        empty_state(
            t("No deed fits"),
            t("Look for another part of the name or the deed, or for other days."),
            link_button(t("Show everything"), routes.ops_audit(), size="sm"),
            icon_name="scroll-text",
        ),
        empty_state(t("No deeds yet"), t("What people and the system do appears here."), icon_name="scroll-text"),
    )
    ways = rx.el.nav(
        rx.cond(
            AuditState.newer, link_button(t("Newer"), AuditState.newer, size="sm", icon_name="arrow-left"), rx.el.span()
        ),
        rx.cond(AuditState.older, link_button(t("Older"), AuditState.older, size="sm", icon_name="arrow-right")),
        aria_label=t("Pages"),
        class_name="flex justify-between py-6",
    )
    return rx.fragment(rx.cond(AuditState.entries, table, nothing), ways)


def _entry(entry: Item) -> rx.Component:
    who = rx.el.span(
        rx.cond(
            entry["actor"],
            link(rx.el.span(entry["actor"], dir="auto"), entry["url"]),
            rx.cond(entry["reason"], rx.el.span(t("The system")), rx.el.span(t("Somebody who is gone"))),
        ),
        rx.cond(entry["reason"], rx.el.span(entry["reason"], class_name="block text-xs text-muted")),
        rx.cond(entry["ip"], rx.el.span(entry["ip"], class_name="block font-mono text-xs text-muted")),
        class_name="min-w-0 wrap-anywhere",
    )
    what = rx.el.span(
        rx.el.span(entry["action"], class_name="font-mono text-xs wrap-anywhere lg:whitespace-nowrap"),
        rx.el.span(
            entry["subject"],
            " ",
            link(entry["subject_name"], entry["subject_url"], title=entry["subject_id"], class_name="font-mono"),
            class_name="block text-xs text-muted wrap-anywhere",
        ),
    )
    where = rx.cond(entry["org"], link(rx.el.span(entry["org"], dir="auto"), entry["org_url"]), rx.el.span("–"))
    changed = rx.el.ul(rx.foreach(entry["changes"].to(list[Change]), _change))
    return table_row(
        table_cell(relative_time(entry["at"]), label=t("When"), class_name="whitespace-nowrap text-muted"),
        table_cell(who, label=t("Who"), class_name="lg:min-w-32"),
        table_cell(what, label=t("What")),
        table_cell(where, label=t("Where"), class_name="wrap-anywhere"),
        table_cell(changed, label=t("What changed"), class_name="lg:min-w-40"),
        key=entry["id"],
    )


def _change(change: Item) -> rx.Component:
    """A field before and after; both are said, not only coloured."""
    gone = rx.el.del_(change["before"], class_name="text-error decoration-1")
    come = rx.el.ins(change["after"], class_name=rx.cond(change["before"], "no-underline text-success", "no-underline"))
    return rx.el.li(
        rx.el.span(change["field"], class_name="text-muted"),
        " ",
        rx.cond(change["before"], gone),
        rx.cond(change["before"] & change["after"], rx.el.span(" → ")),
        rx.cond(change["after"], come),
        class_name="font-mono text-xs wrap-anywhere max-sm:text-right",
    )
