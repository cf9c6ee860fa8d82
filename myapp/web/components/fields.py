"""Form fields: label above, help below, the error in place and in words.

    text_field(t("Title"), "title", value=PostForm.values["title"], error=PostForm.errors["title"], required=True)

Fields are uncontrolled: what a person types stays in the browser until `live.forms.live_form` sends it, so a slow or
lost connection never eats a letter. `value` is what the field starts with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import reflex as rx

from myapp.web.components._types import Child, Text, classes, is_given
from myapp.web.components.icons import icon
from myapp.web.i18n import t

_CONTROL = "w-full border-edge bg-base-100 text-base-content placeholder:text-muted"

type Control = Callable[[dict[str, Any]], rx.Component]


def field(
    label: Text,
    name: str,
    control: Control,
    *,
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002 - the word for it
    required: bool = False,
    class_name: str = "",
) -> rx.Component:
    """A labelled control. `control` is given the attributes that tie it to its label, help and error."""
    field_id = f"{form}-{name}"
    help_id, error_id = f"{field_id}-help", f"{field_id}-error"
    invalid = error if isinstance(error, rx.Var) else rx.Var.create(error)
    has_help = is_given(help)
    attributes: dict[str, Any] = {
        "id": field_id,
        "name": name,
        "aria_invalid": rx.cond(invalid, "true", "false"),
        "aria_describedby": rx.cond(
            invalid, f"{error_id} {help_id}" if has_help else error_id, help_id if has_help else ""
        ),
        "aria_required": "true" if required else "false",
    }
    optional = rx.fragment() if required else rx.el.span(t("optional"), class_name="text-xs font-normal text-muted")
    return rx.el.div(
        rx.el.label(label, optional, html_for=field_id, class_name="flex items-baseline gap-2 text-sm font-medium"),
        control(attributes),
        _problem(invalid, error_id),
        rx.el.p(help, id=help_id, class_name="text-sm text-muted") if has_help else rx.fragment(),
        class_name=classes("flex flex-col gap-1.5", class_name),
    )


def _problem(error: rx.Var[str], error_id: str) -> rx.Component:
    message = rx.el.p(
        icon("circle-alert", size=15, class_name="mt-0.5"),
        rx.el.span(error, class_name="block first-letter:uppercase"),
        id=error_id,
        role="alert",
        class_name="flex gap-1.5 text-sm text-error",
    )
    return rx.cond(error, message, rx.fragment())


def text_field(
    label: Text,
    name: str,
    *,
    value: Text = "",
    type: Literal["text", "email", "url", "search", "password", "number", "date", "datetime-local", "file"] = "text",  # noqa: A002 - the attribute's name
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002
    required: bool = False,
    class_name: str = "",
    control_class: str = "",
    **props: Any,
) -> rx.Component:
    """One line of text (or `type="email"`, `"datetime-local"`, …)."""

    def control(attributes: dict[str, Any]) -> rx.Component:
        return rx.el.input(
            default_value=value, type=type, class_name=classes("input", _CONTROL, control_class), **attributes, **props
        )

    return field(label, name, control, form=form, error=error, help=help, required=required, class_name=class_name)


def search_field(label: Text, *, placeholder: Text, class_name: str = "", **props: Any) -> rx.Component:
    """Words to look for, the `q` of `live.forms.query_form`; the label is for those who do not see the icon."""
    return rx.el.label(
        rx.el.span(label, class_name="sr-only"),
        icon("search", class_name="text-muted"),
        rx.el.input(
            type="search",
            name="q",
            placeholder=placeholder,
            auto_complete="off",
            class_name="grow placeholder:text-muted",
            **props,
        ),
        class_name=classes("input flex items-center gap-2 border-edge bg-base-100", class_name),
    )


def textarea_field(
    label: Text,
    name: str,
    *,
    value: Text = "",
    rows: int = 6,
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002
    required: bool = False,
    class_name: str = "",
    control_class: str = "",
    **props: Any,
) -> rx.Component:
    """Several lines of text. It grows with them where the browser can."""

    def control(attributes: dict[str, Any]) -> rx.Component:
        return rx.el.textarea(
            default_value=value,
            rows=str(rows),
            class_name=classes("textarea field-sizing-content leading-relaxed", _CONTROL, control_class),
            **attributes,
            **props,
        )

    return field(label, name, control, form=form, error=error, help=help, required=required, class_name=class_name)


def select_field(
    label: Text,
    name: str,
    options: Sequence[tuple[str, Text]] | rx.Var[list[tuple[str, str]]],
    *,
    value: Text = "",
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002
    required: bool = False,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A choice of one; `options` are pairs of value and text."""
    if isinstance(options, rx.Var):
        choices: list[Child] = [rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0]))]
    else:
        choices = [rx.el.option(text, value=choice) for choice, text in options]

    def control(attributes: dict[str, Any]) -> rx.Component:
        return rx.el.select(*choices, default_value=value, class_name=f"select {_CONTROL}", **attributes, **props)

    return field(label, name, control, form=form, error=error, help=help, required=required, class_name=class_name)


def checkbox_field(
    label: Text, name: str, *, checked: bool | rx.Var[bool] = False, form: str = "form", **props: Any
) -> rx.Component:
    """A yes or no, with its label beside it."""
    field_id = f"{form}-{name}"
    box = rx.el.input(
        type="checkbox",
        id=field_id,
        name=name,
        default_checked=checked,
        class_name="checkbox checkbox-sm border-edge",
        **props,
    )
    return rx.el.label(box, label, html_for=field_id, class_name="flex w-fit items-center gap-2 text-sm")
