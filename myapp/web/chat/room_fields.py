"""The fields of a room's form, for a new one and for one that is changed."""

from __future__ import annotations

import reflex as rx

from myapp.web.components import select_field, text_field
from myapp.web.i18n import t
from myapp.web.live.forms import FormState


def room_fields(state: type[FormState], form: str) -> list[rx.Component]:
    """Name, purpose, and who may read."""
    return [
        text_field(
            t("Name"),
            "name",
            form=form,
            value=state.values["name"],
            error=state.errors["name"],
            required=True,
            dir="auto",
            auto_complete="off",
        ),
        text_field(
            t("What it is for"),
            "purpose",
            form=form,
            value=state.values["purpose"],
            error=state.errors["purpose"],
            dir="auto",
            auto_complete="off",
        ),
        select_field(
            t("Who may read it"),
            "visibility",
            [("public", t("Everybody who may look into the organisation")), ("private", t("Only who is let in"))],
            form=form,
            value=state.values["visibility"],
            error=state.errors["visibility"],
            required=True,
        ),
    ]
