"""Dialogs the URL opens: `…#delete` shows the dialog named "delete", so it survives reload and closes with Back.

    dialog(
        "delete",
        title=t("Delete this post?"),
        body=rx.el.p(t("Its comments go with it.")),
        actions=[button(t("Delete"), kind="danger", on_click=PostState.delete, busy=PostState.is_deleting)],
    )
    link_button(t("Delete"), dialog_link("delete"), kind="danger")

A native `<dialog>` traps and returns the focus; Escape and a press outside close it. After the act, the handler moves
on (`rx.redirect`) or calls `push("close_dialog")`.
"""

from __future__ import annotations

from collections.abc import Sequence

import reflex as rx
from reflex.vars import VarData

from myapp.web.components._types import Child, Text, is_given
from myapp.web.i18n import t
from myapp.web.live.browser import Dialog


def dialog_link(name: str) -> str:
    """The address that opens the dialog `name` on the page at hand."""
    return f"#{name}"


def is_dialog_open(name: str) -> rx.Var[bool]:
    """Whether the address opens the dialog `name`: for what is to be read only then."""
    here = VarData(imports={"react-router": "useLocation"}, hooks={"const opened = useLocation()": None})
    return rx.Var("opened.hash", _var_type=str, _var_data=here).guess_type() == dialog_link(name)


def dialog(name: Text, *, title: Text, body: Child, actions: Sequence[Child] = (), cancel: Text = "") -> rx.Component:
    """A modal question. A button that closes it comes first by itself; `cancel` is its text."""
    close_label = cancel if is_given(cancel) else t("Cancel")
    return Dialog.create(
        body, rx.el.div(*actions, class_name="contents"), name=name, title=title, close_label=close_label
    )
