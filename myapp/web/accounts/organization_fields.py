"""The fields of an organisation's form, for a new one and for one that is changed."""

from __future__ import annotations

import reflex as rx

from myapp.web.components import select_field, text_field
from myapp.web.components._types import Child
from myapp.web.i18n import t
from myapp.web.live.forms import FormState


def organization_fields(state: type[FormState], form: str, *, address: rx.Component) -> list[rx.Component]:
    """Name, address, who may look in, and the language."""
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
        address,
        select_field(
            t("Who may look into it"),
            "visibility",
            [
                ("public", t("Everybody: what is published is for all to read")),
                ("private", t("Only its members: for others it does not exist")),
            ],
            form=form,
            value=state.values["visibility"],
            error=state.errors["visibility"],
            required=True,
        ),
        select_field(
            t("Language of its posts"),
            "language",
            _languages(),
            form=form,
            value=state.values["language"],
            error=state.errors["language"],
            help=t("The search knows its words in all their forms. After a change, older posts follow within minutes."),
            required=True,
        ),
    ]


def address_field(state: type[FormState], form: str, *, help: Child, required: bool) -> rx.Component:  # noqa: A002
    """Where it stands."""
    return text_field(
        t("Address"),
        "slug",
        form=form,
        value=state.values["slug"],
        error=state.errors["slug"],
        help=help,
        required=required,
        auto_complete="off",
        auto_capitalize="none",
        spell_check=False,
    )


def _languages() -> list[tuple[str, rx.Var[str]]]:
    """What PostgreSQL's searches know (`accounts.LANGUAGES`), by their English names."""
    return [
        ("arabic", t("Arabic")),
        ("armenian", t("Armenian")),
        ("basque", t("Basque")),
        ("catalan", t("Catalan")),
        ("danish", t("Danish")),
        ("dutch", t("Dutch")),
        ("english", t("English")),
        ("finnish", t("Finnish")),
        ("french", t("French")),
        ("german", t("German")),
        ("greek", t("Greek")),
        ("hindi", t("Hindi")),
        ("hungarian", t("Hungarian")),
        ("indonesian", t("Indonesian")),
        ("irish", t("Irish")),
        ("italian", t("Italian")),
        ("lithuanian", t("Lithuanian")),
        ("nepali", t("Nepali")),
        ("norwegian", t("Norwegian")),
        ("portuguese", t("Portuguese")),
        ("romanian", t("Romanian")),
        ("russian", t("Russian")),
        ("serbian", t("Serbian")),
        ("spanish", t("Spanish")),
        ("swedish", t("Swedish")),
        ("tamil", t("Tamil")),
        ("turkish", t("Turkish")),
        ("yiddish", t("Yiddish")),
        ("simple", t("Another, or several: words as they are")),
    ]
