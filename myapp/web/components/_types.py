"""What components take: a text may be fixed or live, and so may a flag."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

type Text = str | rx.Var[str]
type Item = rx.vars.ObjectVar[dict[str, Any]]  # one row of a list, as `rx.foreach` hands it over
type Flag = bool | rx.Var[bool]
type Child = rx.Component | rx.Var | str


def classes(*parts: str | rx.Var[str]) -> str:
    """Class names joined by a space; empty ones fall out.

    >>> classes("btn", "", "btn-primary")
    'btn btn-primary'
    """
    return " ".join(f"{part}" for part in parts if not isinstance(part, str) or part)


def is_given(value: object) -> bool:
    """Whether an optional text was passed at all: a live one always counts, for it has no value yet.

    >>> is_given(""), is_given("Save")
    (False, True)
    """
    return not (isinstance(value, str) and not value)


def as_item(row: object) -> Item:
    """The row an `rx.memo` is given, for the type checker: it is what `rx.foreach` hands over."""
    return cast("Item", row)
