"""Where somebody makes an organisation."""

from __future__ import annotations

import reflex as rx

from myapp.web.accounts.new_organization.state import NewOrganizationForm
from myapp.web.accounts.organization_fields import address_field, organization_fields
from myapp.web.components import button, skeleton_lines
from myapp.web.i18n import t
from myapp.web.layout import page_header
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import live_form

_FORM = "new-organization"


def new_organization_page() -> rx.Component:
    """The form; whoever sends it owns what comes of it."""
    return rx.el.div(
        page_header(
            t("New organisation"),
            lead=t("A place to publish and to talk. It is yours, and you say who else is in it."),
        ),
        rx.cond(arrived(NewOrganizationForm.path), _form(), skeleton_lines(6)),
        class_name="mx-auto max-w-column",
    )


def _form() -> rx.Component:
    will_be = rx.cond(
        NewOrganizationForm.address,
        t("It will stand at %(address)s", address=NewOrganizationForm.address),
        t("Left empty, it is made from the name. Small letters, digits and hyphens."),
    )
    address = address_field(NewOrganizationForm, _FORM, help=will_be, required=False)
    return live_form(
        NewOrganizationForm,
        *organization_fields(NewOrganizationForm, _FORM, address=address),
        button(
            t("Make organisation"),
            type="submit",
            kind="primary",
            busy=NewOrganizationForm.is_saving,
            busy_label=t("Making it"),
            class_name="w-fit",
        ),
        name=_FORM,
        class_name="flex flex-col gap-5",
    )
