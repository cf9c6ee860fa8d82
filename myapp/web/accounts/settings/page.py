"""What a person says of themselves."""

from __future__ import annotations

import reflex as rx

from myapp.web.accounts.avatar.components import avatar_form
from myapp.web.components import card
from myapp.web.i18n import t
from myapp.web.layout import page_header


def settings_page() -> rx.Component:
    """The picture that others see."""
    return rx.el.div(
        page_header(t("Settings")),
        card(rx.el.h2(t("Picture"), class_name="mb-4 text-lg"), avatar_form()),
        class_name="mx-auto max-w-column",
    )
