"""What a person says of themselves, and the picture that others see."""

from __future__ import annotations

from typing import Any

import reflex as rx
from babel import Locale

from myapp.web.accounts.avatar.components import avatar_form
from myapp.web.accounts.settings.layout import FORM, section, settings_layout
from myapp.web.accounts.settings.profile_state import ProfileForm
from myapp.web.components import button, select_field, skeleton_lines, text_field, textarea_field
from myapp.web.components._types import Text
from myapp.web.i18n import languages, t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import live_form

_FORM = "profile"
_VALUES, _ERRORS = ProfileForm.values, ProfileForm.errors


def settings_page() -> rx.Component:
    """The first of the settings."""
    return settings_layout(
        t("Profile"),
        section(t("Picture"), avatar_form()),
        rx.cond(arrived(ProfileForm.path), _form(), skeleton_lines(8)),
    )


def _form() -> rx.Component:
    save = button(
        t("Save changes"),
        type="submit",
        kind="primary",
        busy=ProfileForm.is_saving,
        busy_label=t("Saving"),
        class_name="w-fit",
    )
    return live_form(
        ProfileForm,
        section(t("About you"), _about(), help=t("Everybody who reads what you write sees your name.")),
        section(
            t("Where you live"),
            _address(),
            help=t("For what is sent to you on paper. Nobody else sees it. Leave all of it empty for none."),
        ),
        save,
        name=_FORM,
        label=t("Profile"),
        class_name="flex flex-col gap-10",
    )


def _field(label: Text, name: str, **props: Any) -> rx.Component:
    return text_field(label, name, form=_FORM, value=_VALUES[name], error=_ERRORS[name], **props)


def _about() -> rx.Component:
    bio = textarea_field(
        t("Bio"), "bio", rows=4, form=_FORM, value=_VALUES["bio"], error=_ERRORS["bio"],
        help=t("Up to 500 characters."), dir="auto",
    )  # fmt: skip
    return rx.el.div(
        _field(t("Name"), "name", required=True, dir="auto", auto_complete="name"),
        _field(
            t("User name"),
            "username",
            required=True,
            auto_complete="username",
            help=t("Others mention you by it, and find what you have written."),
        ),
        bio,
        _field(t("Age"), "age", input_mode="numeric", help=t("Only you see it."), control_class="max-w-32"),
        *_language(),
        class_name=FORM,
    )


def _language() -> list[rx.Component]:
    """Nothing while there is nothing to choose."""
    known = languages()
    if len(known) < 2:
        return []
    return [
        select_field(
            t("Language"),
            "locale",
            [("", t("As your browser")), *[(code, name) for code, name in known]],
            form=_FORM,
            value=_VALUES["locale"],
            error=_ERRORS["locale"],
            help=t("Of the mails that you get."),
            required=True,
        )
    ]


def _address() -> rx.Component:
    countries = sorted(Locale("en").territories.items(), key=lambda pair: pair[1])
    country = select_field(
        t("Country"),
        "address.country",
        [(code, name) for code, name in countries if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY],
        form=_FORM,
        value=rx.cond(_VALUES["address.country"], _VALUES["address.country"], "US"),
        error=_ERRORS["address.country"],
        required=True,
    )
    return rx.el.div(
        _field(t("Street"), "address.street", dir="auto", auto_complete="street-address"),
        rx.el.div(
            _field(t("City"), "address.city", dir="auto", auto_complete="address-level2"),
            _field(t("State or region"), "address.state", dir="auto", auto_complete="address-level1"),
            _field(t("Postal code"), "address.zip", auto_complete="postal-code"),
            country,
            class_name="grid gap-5 sm:grid-cols-2",
        ),
        class_name=FORM,
    )


_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""What stands among the territories of CLDR without being one."""
