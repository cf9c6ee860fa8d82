"""The roles of an organisation, in the reader's words."""

from __future__ import annotations

import reflex as rx

from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Role
from myapp.web.components._types import Text
from myapp.web.i18n import t

type Choices = list[tuple[str, str]]


def role_name(role: Text) -> rx.Var[str]:
    """What a role is called; a role without a word of its own is a member's.

    badge(role_name(place["role"]))
    """
    return rx.match(role, ("owner", t("Owner")), ("admin", t("Admin")), ("moderator", t("Moderator")), t("Member"))  # pyright: ignore[reportReturnType]


def role_choices(roles: tuple[Role, ...]) -> Choices:
    """Roles as `select_field` offers them: four at most."""
    names = {
        Role.OWNER: _("Owner"),
        Role.ADMIN: _("Admin"),
        Role.MODERATOR: _("Moderator"),
        Role.MEMBER: _("Member"),
    }
    return [(role.value, names[role]) for role in roles]
