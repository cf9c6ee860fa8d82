"""The roles of an organisation, in the reader's words."""

from __future__ import annotations

import reflex as rx

from myapp.web.components._types import Text
from myapp.web.i18n import t


def role_name(role: Text) -> rx.Var[str]:
    """What a role is called; a role without a word of its own is a member's.

    badge(role_name(place["role"]))
    """
    return rx.match(role, ("owner", t("Owner")), ("admin", t("Admin")), ("moderator", t("Moderator")), t("Member"))  # pyright: ignore[reportReturnType]
