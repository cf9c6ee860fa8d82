"""Everything that is a person's own: to take along, and to be gone."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts, personal_data
from myapp.accounts import OwnsAlone
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.accounts.settings.layout import FORM, section, settings_layout
from myapp.web.components import button, icon, plain_link, select_field, text_field
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.live.forms import FormState, NotSaved, live_form
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, be_nobody, flash, push

_FORM = "delete-account"


class LeavingForm(FormState, rx.State):
    """The typed confirmation, and what becomes of the posts."""

    owned: str = ""  # organisations that nobody else owns

    @server_event
    async def load(self) -> None:
        """Whether something has to be handed over first."""
        self.owned = ", ".join(await accounts.list_places_owned_alone(await scope_of(self)))
        self._fill({"posts": "keep"})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_leaving(await scope_of(self), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        try:
            await personal_data.delete_account(await scope_of(self), attrs)
        except OwnsAlone as error:
            return NotSaved(LeavingForm.load, flash(str(error), "error"))
        await be_nobody(self)
        return [flash(_("Your account is deleted. Farewell.")), push("load", routes.home())]


def data_page() -> rx.Component:
    """Two ways out."""
    return settings_layout(t("Your data"), _download(), _leaving())


def _download() -> rx.Component:
    look = "btn btn-outline w-fit border-edge bg-base-100 font-medium shadow-none hover:bg-base-200"
    take = plain_link(  # past the router, which would look for a page there
        icon("download", size=16),
        t("Download my data"),
        to=routes.DOWNLOAD_OWN_DATA,
        reload_document=True,
        download="my-data.zip",
        class_name=f"{look} hover:text-base-content",
    )
    return section(
        t("Take it along"),
        take,
        help=t("A zip of JSON files: your profile, posts, comments, messages, sessions and what else is yours."),
    )


def _leaving() -> rx.Component:
    first = rx.el.p(
        icon("triangle-alert", size=18, class_name="mt-0.5 text-warning"),
        rx.el.span(
            t("You are the only owner of %(names)s. Make somebody else an owner there first.", names=LeavingForm.owned)
        ),
        class_name="flex gap-3",
    )
    posts = select_field(
        t("Your posts"),
        "posts",
        [("keep", t("Stay, by “Somebody who left”")), ("delete", t("Go with you, with what others wrote beneath"))],
        form=_FORM,
        value=LeavingForm.values["posts"],
        error=LeavingForm.errors["posts"],
        required=True,
    )
    typed = text_field(
        t("Type your user name, %(name)s", name=ShellState.person_username),
        "confirmation",
        form=_FORM,
        error=LeavingForm.errors["confirmation"],
        required=True,
        auto_complete="off",
    )
    go = button(
        t("Delete my account"),
        type="submit",
        kind="danger",
        busy=LeavingForm.is_saving,
        busy_label=t("Deleting"),
        class_name="w-fit",
    )
    form = live_form(LeavingForm, posts, typed, go, name=_FORM, label=t("Delete my account"), class_name=FORM)
    return section(
        t("Delete your account"),
        rx.cond(LeavingForm.owned, first, form),
        help=t(
            "Your name, address, profile, keys and sessions go for good, at once. Your comments and messages stay, by"
            " “Somebody who left”, as others have answered them."
        ),
        danger=True,
    )
