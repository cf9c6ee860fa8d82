"""Filling the group that is looked at: a field that finds who is not in it, and taking people out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.web.accounts.organization_people.state import OrgPeopleState
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.combobox import Suggestion, SuggestState, adding_field, people
from myapp.web.session import scope_of
from myapp.web.shell import push

_ADD = "add-to-group"


class GroupPeopleForm(SuggestState, rx.State):
    """Who comes in, and who goes. The list shows it by itself."""

    @server_event
    def load(self) -> None:
        """Nothing is typed."""
        self._forget_suggestions()

    async def _group_id(self) -> Any:
        return as_id((await self.get_state(OrgPeopleState)).group)

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        try:
            return people(await accounts.suggest_for_group(await scope_of(self), await self._group_id(), words))
        except NotFound:
            return []

    @event
    async def add(self, user_id: str) -> Any:
        """Take somebody in."""
        scope, person = await scope_of(self), as_id(user_id)
        await accounts.add_to_group(scope, await self._group_id(), person)
        name = (await accounts.get_person(scope, person)).name
        return push("announce", _("%(name)s is in the group now.") % {"name": name})

    @event
    async def remove(self, user_id: str) -> Any:
        """Take somebody out of it."""
        await accounts.remove_from_group(await scope_of(self), await self._group_id(), as_id(user_id))
        return push("focus", _ADD)


def adding() -> rx.Component:
    """The field, above the list of who is in the group."""
    return rx.el.div(
        rx.el.label(t("Take somebody into the group"), html_for=_ADD, class_name="text-sm font-medium"),
        adding_field(
            _ADD,
            GroupPeopleForm,
            on_choose=GroupPeopleForm.add,
            nothing=t("Nobody is called so who is not in it already"),
            placeholder=t("Look for a name"),
        ),
        class_name="mt-4 flex flex-col gap-1.5 sm:max-w-sm",
    )
