"""Handing an organisation over: another member owns it from then on, and who hands it over becomes an admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.accounts.organization_settings.state import SettingsState, org_of
from myapp.web.components import button, dialog
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.live.combobox import Suggestion, SuggestState, choice_field, chosen_id, people
from myapp.web.live.forms import FormState, live_form
from myapp.web.session import scope_of
from myapp.web.shell import flash, push

_FORM = "transfer-organization"


class TransferOrganizationForm(SuggestState, FormState, rx.State):
    """Who is to own it."""

    @server_event
    def load(self) -> None:
        """Nobody is chosen."""
        self._forget_suggestions()
        self._fill({})

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        """The other members, for who may hand it over."""
        scope = await scope_of(self)
        if scope.user_id is None or not accounts.can(scope, "transfer_ownership"):
            return []
        return people(await accounts.suggest_members(scope, words, but=[scope.user_id]))

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        scope = await scope_of(self)
        return await accounts.change_organization(scope, org_of(scope), {})

    @override
    async def _save(self, attrs: Attrs) -> Any:
        heir = chosen_id(attrs.get("user_id"), "user_id", await self._change(attrs))
        scope = await scope_of(self)
        await accounts.transfer_ownership(scope, org_of(scope), heir)
        name = (await accounts.get_person(scope, heir)).name
        return [push("close_dialog"), flash(_("%(name)s owns the organisation now.") % {"name": name})]


def transfer_dialog() -> rx.Component:
    """The question, and a field that finds people."""
    heir = choice_field(
        t("New owner"),
        "user_id",
        TransferOrganizationForm,
        form=_FORM,
        error=TransferOrganizationForm.errors["user_id"],
        nothing=t("Nobody is called so"),
        help=t("A member of the organisation. You become one of its admins."),
        required=True,
    )
    hand_over = button(
        t("Hand over"),
        type="submit",
        form=f"{_FORM}-form",
        kind="danger",
        busy=TransferOrganizationForm.is_saving,
        busy_label=t("Handing over"),
    )
    return dialog(
        "transfer",
        title=t("Hand %(name)s over?", name=SettingsState.name),
        body=live_form(TransferOrganizationForm, heir, name=_FORM),
        actions=[hand_over],
    )
