"""Keys for programs: made for what they need, shown once, revoked when nobody needs them."""

from __future__ import annotations

import reflex as rx

from myapp.web.accounts.settings.keys_state import KeysState, NewKeyForm
from myapp.web.accounts.settings.layout import FORM, section, settings_layout
from myapp.web.components import (
    Item,
    badge,
    button,
    checkbox_field,
    dialog,
    icon,
    relative_time,
    select_field,
    skeleton_lines,
    text_field,
)
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import live_form

_FORM = "api-key"


def keys_page() -> rx.Component:
    """The keys there are, and the form for another."""
    return settings_layout(
        t("API keys"),
        rx.cond(KeysState.shown_key, _shown()),
        rx.cond(arrived(KeysState.path), _list(), skeleton_lines(4)),
        _new(),
        _revoke_dialog(),
        lead=t("A program that shows a key acts for you. Give each its own, for no more than it needs."),
    )


def _shown() -> rx.Component:
    code = rx.el.code(
        KeysState.shown_key, id="new-key", tab_index=-1, class_name="min-w-0 flex-1 font-mono text-sm wrap-anywhere"
    )
    return rx.el.section(
        rx.el.h2(t("Your new key"), class_name="text-lg"),
        rx.el.p(t("Copy it now: it is not shown again, and we keep only what proves it."), class_name="text-muted"),
        rx.el.div(
            code,
            button(
                t("Copy"), icon_name="copy", size="sm", kind="primary", on_click=rx.set_clipboard(KeysState.shown_key)
            ),
            button(t("Done"), size="sm", on_click=KeysState.hide),
            class_name="flex flex-wrap items-center gap-3 rounded-field border border-edge bg-base-100 p-3",
        ),
        aria_live="polite",
        class_name="flex flex-col gap-3 rounded-box border border-line bg-base-200 p-4 sm:p-5",
    )


def _list() -> rx.Component:
    rows = rx.el.ul(rx.foreach(KeysState.keys, _row), class_name="divide-y divide-line border-y border-line")
    none = rx.el.p(t("You have none. Make one for the first program below."), class_name="text-muted")
    return section(t("Your keys"), rx.cond(KeysState.keys, rows, none))


def _row(key: Item) -> rx.Component:
    used = rx.cond(
        key["last_used_at"],
        rx.el.span(t("last used"), " ", relative_time(key["last_used_at"])),
        t("never used"),
    )
    ends = rx.cond(
        key["is_expired"],
        badge(t("Expired"), tone="warning"),
        rx.cond(key["expires_at"], rx.el.span(t("ends"), " ", relative_time(key["expires_at"])), t("never ends")),
    )
    return rx.el.li(
        icon("key-round", size=20, class_name="mt-0.5 text-muted"),
        rx.el.div(
            rx.el.p(key["name"], dir="auto", class_name="font-medium wrap-anywhere"),
            rx.el.p(
                rx.el.code(key["prefix"], "…", class_name="font-mono"), " · ", used, " · ", ends,
                class_name="text-sm text-muted",
            ),
            rx.el.div(
                badge(t("Read")),
                rx.cond(key["may_write"], badge(t("Write"))),
                rx.cond(key["may_manage"], badge(t("Lead"))),
                class_name="mt-1 flex gap-1.5",
            ),
            class_name="min-w-0 flex-1",
        ),
        button(
            t("Revoke"),
            size="sm",
            on_click=KeysState.choose(key["id"]),
            aria_label=t("Revoke %(name)s", name=key["name"]),
        ),
        class_name="flex items-start gap-3 py-4",
    )  # fmt: skip


def _new() -> rx.Component:
    lasts = select_field(
        t("It is good for"),
        "lasts",
        [("30", t("30 days")), ("90", t("90 days")), ("365", t("A year")), ("never", t("Until you revoke it"))],
        form=_FORM,
        value=NewKeyForm.values["lasts"],
        error=NewKeyForm.errors["expires_at"],
        required=True,
    )
    may = rx.el.fieldset(
        rx.el.legend(t("What it may do"), class_name="mb-2 text-sm font-medium"),
        rx.el.p(
            icon("check", size=16, class_name="mx-0.5"),  # as wide as the boxes below
            t("Read what you read as a member"),
            class_name="flex items-center gap-2 text-sm",
        ),
        checkbox_field(t("Write: posts, comments and messages as you"), "write", form=_FORM),
        checkbox_field(t("Lead: use your rights as moderator, admin, owner or operator"), "manage", form=_FORM),
        class_name="flex flex-col gap-2",
    )
    form = live_form(
        NewKeyForm,
        text_field(
            t("Name"),
            "name",
            form=_FORM,
            value=NewKeyForm.values["name"],
            error=NewKeyForm.errors["name"],
            required=True,
            help=t("What it is for, so that you know it again."),
            auto_complete="off",
        ),
        may,
        lasts,
        button(
            t("Make the key"),
            type="submit",
            kind="primary",
            busy=NewKeyForm.is_saving,
            busy_label=t("Making"),
            class_name="w-fit",
        ),
        name=_FORM,
        label=t("New key"),
        class_name=FORM,
    )
    return section(t("New key"), form)


def _revoke_dialog() -> rx.Component:
    body = rx.el.div(
        rx.el.p(rx.el.strong(KeysState.chosen_name, dir="auto", class_name="wrap-anywhere")),
        rx.el.p(t("Whatever uses it is shut out at once. This can't be undone."), class_name="text-muted"),
        class_name="flex flex-col gap-2",
    )
    revoke = button(t("Revoke key"), kind="danger", on_click=KeysState.revoke)
    return dialog("revoke", title=t("Revoke this key?"), body=body, actions=[revoke])
