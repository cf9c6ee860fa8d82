"""The two fields of a new password."""

from __future__ import annotations

from collections.abc import Mapping

import reflex as rx

from myapp.web.components import text_field
from myapp.web.components._types import Text
from myapp.web.i18n import t


def new_password(form: str, errors: Mapping[str, str], label: Text) -> tuple[rx.Component, rx.Component]:
    """Typed twice; the rules stand beneath the first, which is called `label`."""
    return (
        text_field(
            label,
            "password",
            type="password",
            form=form,
            error=errors["password"],
            required=True,
            auto_complete="new-password",
            help=t("8 to 128 characters, with a lower-case letter, an upper-case letter and a digit."),
        ),
        text_field(
            t("The same password again"),
            "password_confirmation",
            type="password",
            form=form,
            error=errors["password_confirmation"],
            required=True,
            auto_complete="new-password",
        ),
    )
