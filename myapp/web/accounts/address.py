"""Somebody's mail address, for those who may see it."""

from __future__ import annotations

import reflex as rx

from myapp.web.i18n import t


def address(email: str | rx.Var[str], is_placeholder: bool | rx.Var[bool]) -> rx.Component:
    """A link to write to them; for who came with an import, that there is none."""
    link = rx.el.a(email, href=f"mailto:{email}", class_name="underline")
    return rx.cond(is_placeholder, without_address(), link)


def without_address() -> rx.Component:
    """In the place of what stands for the address of somebody who has not come themselves."""
    return rx.el.span(t("Imported, without an address"), class_name="italic")
