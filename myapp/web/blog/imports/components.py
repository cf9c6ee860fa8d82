"""One import: how far it is while it runs, what came in and what did not when it is over."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.imports.state import ImportsState
from myapp.web.components import Item, badge, button, progress_bar, relative_time
from myapp.web.i18n import t, tn


def import_entry(one: Item) -> rx.Component:
    """A row of the history."""
    return rx.el.li(
        rx.el.article(
            rx.el.div(
                rx.el.h3(one["filename"], dir="auto", class_name="min-w-0 truncate font-medium"),
                _status(one),
                relative_time(one["at"], class_name="text-sm text-muted"),
                class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
            ),
            rx.cond(one["status"] == "running", _progress(one)),
            rx.cond(one["failure"], rx.el.p(one["failure"], class_name="text-error")),
            rx.cond(one["counts"], _counts(one)),
            rx.cond(one["reasons"], _reasons(one)),
            _lines(one["skipped"], tn("%(count)s item skipped", "%(count)s items skipped", one["skipped_count"])),
            _lines(one["warnings"], tn("%(count)s thing to know", "%(count)s things to know", one["warning_count"])),
            rx.cond(
                one["can_resume"],
                button(
                    t("Go on with it"),
                    size="sm",
                    icon_name="play",
                    on_click=ImportsState.resume(one["id"]),
                    class_name="w-fit",
                ),
            ),
            class_name="flex flex-col gap-2",
        ),
        key=one["id"],
        class_name="py-4",
    )


def _status(one: Item) -> rx.Component:
    return rx.fragment(
        rx.cond(one["status"] == "queued", badge(t("Waiting"), icon_name="clock")),
        rx.cond(one["status"] == "running", badge(t("Running"), tone="live", icon_name="loader")),
        rx.cond(one["status"] == "done", badge(t("Done"), tone="success", icon_name="check")),
        rx.cond(one["status"] == "failed", badge(t("Failed"), tone="error", icon_name="x")),
        rx.cond(one["status"] == "interrupted", badge(t("Interrupted"), tone="warning", icon_name="pause")),
    )


def _progress(one: Item) -> rx.Component:
    """Until somebody has looked into the file, nobody knows how much there is."""
    far = rx.el.div(
        progress_bar(one["done"], one["total"], label=t("Import")),
        rx.el.span(
            t("%(done)s of %(total)s", done=one["done"], total=one["total"]),
            class_name="shrink-0 text-sm tabular text-muted",
        ),
        class_name="flex items-center gap-3",
    )
    return rx.cond(one["total"], far, rx.el.p(t("Looking into the file"), class_name="text-sm text-muted"))


def _reasons(one: Item) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            t("What was left out or changed, and why"), class_name="w-fit cursor-pointer text-sm font-medium"
        ),
        rx.el.ul(rx.foreach(one["reasons"], _reason), class_name="mt-2 text-sm"),
    )


def _reason(each: Item) -> rx.Component:
    times = tn("%(count)s ×", "%(count)s ×", each["count"])
    return rx.el.li(
        rx.el.span(times, class_name="w-14 shrink-0 text-end tabular text-muted"),
        rx.el.span(each["name"]),
        class_name="flex gap-3 py-1",
    )


def _counts(one: Item) -> rx.Component:
    return rx.el.ul(
        rx.foreach(one["counts"], _count),
        aria_label=t("What came in"),
        class_name="flex flex-wrap gap-x-4 gap-y-1 text-sm",
    )


def _count(each: Item) -> rx.Component:
    many = each["count"]
    words = {
        "posts": tn("%(count)s post", "%(count)s posts", many),
        "pages": tn("%(count)s page", "%(count)s pages", many),
        "drafts": tn("%(count)s of them a draft", "%(count)s of them drafts", many),
        "scheduled": tn("%(count)s of them scheduled", "%(count)s of them scheduled", many),
        "comments": tn("%(count)s comment", "%(count)s comments", many),
        "pingbacks": tn("%(count)s pingback", "%(count)s pingbacks", many),
        "trackbacks": tn("%(count)s trackback", "%(count)s trackbacks", many),
        "tags": tn("%(count)s new tag", "%(count)s new tags", many),
        "authors": tn("%(count)s new author", "%(count)s new authors", many),
        "attachments": tn("%(count)s attachment named", "%(count)s attachments named", many),
        "unchanged": tn("%(count)s was there already", "%(count)s were there already", many),
        "changed": tn("%(count)s kept as it is here", "%(count)s kept as they are here", many),
        "comments_skipped": tn("%(count)s comment left out", "%(count)s comments left out", many),
    }
    return rx.el.li(rx.match(each["name"], *words.items(), ""))


def _lines(lines: rx.Var, summary: rx.Var[str]) -> rx.Component:
    return rx.cond(
        lines,
        rx.el.details(
            rx.el.summary(summary, class_name="w-fit cursor-pointer text-sm font-medium"),
            rx.el.ul(rx.foreach(lines, _line), class_name="mt-2 max-h-80 overflow-y-auto text-sm", tab_index=0),
        ),
    )


def _line(line: Item) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            line["item"], dir="auto", class_name="line-clamp-2 min-w-0 break-all font-medium sm:w-72 sm:shrink-0"
        ),
        rx.el.span(line["why"], class_name="text-muted"),
        class_name="flex flex-col py-1.5 sm:flex-row sm:gap-3",
    )
