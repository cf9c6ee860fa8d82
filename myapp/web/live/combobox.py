"""Fields that offer what is typed: names are searched on the server, and no list of all of them is anywhere.

    class TransferForm(SuggestState, FormState, rx.State):
        @override
        async def _suggest(self, words: str) -> Sequence[Suggestion]:
            return people(await accounts.suggest_members(await scope_of(self), words))

    choice_field(t("New author"), "author_id", TransferForm, form="transfer", error=TransferForm.errors["author_id"])

`choice_field` sends the `value` of the one that was chosen, or "" where what is typed is none. `names_field` is a text
of names with commas between them, of which the one at the cursor is completed; new ones may be typed. `adding_field` is
part of no form: each that is chosen goes to a handler, and the next may be typed.

What always holds: the question goes out 300 ms after the last letter, and an answer is shown for the question it names
alone, so an older one never takes the place of a newer; there are at most 20. The pattern is WAI-ARIA's combobox with
a list (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the arrows choose, Enter takes, Escape closes, the focus
stays in the field, and how many were found is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TypedDict
from uuid import UUID

import reflex as rx

from myapp.accounts import SuggestedMember
from myapp.kit.changeset import Changeset
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.suggestions import MOST
from myapp.web.components import field
from myapp.web.components._types import Child, Text, classes, is_given
from myapp.web.events import event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.scripts import linked_scripts
from myapp.web.session import path_of

UNCHOSEN: Final = gettext_noop("choose from the list")
MAX_REQUEST = 40  # characters of the name that the browser gives a question

_FIELD = "w-full border-edge bg-base-100 text-base-content placeholder:text-muted"


class Suggestion(TypedDict):
    """One that may be chosen. `hint` tells it from others of its name."""

    value: str
    name: str
    hint: str


def people(found: Iterable[SuggestedMember]) -> list[Suggestion]:
    """People to choose from, told apart by their user names."""
    return [Suggestion(value=str(each.user_id), name=each.name, hint=f"@{each.username}") for each in found]


class SuggestState(rx.State, mixin=True):
    """A state that answers what is typed into one field. Override `_suggest`."""

    suggestions: list[Suggestion] = []
    answered: str = ""  # the question that they answer
    _asked_at: str = ""  # the path of the page that asked it

    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        """What to offer for these words, which may be none."""
        raise NotImplementedError

    def _forget_suggestions(self) -> None:
        """Keep nothing that another page has asked for. What this one did stays: its reader may be typing already."""
        if self._asked_at != path_of(self):
            self.suggestions, self.answered = [], ""

    @event(supersedes=True)
    async def suggest(self, words: str, request: str) -> None:
        """The person has typed. `request` is the browser's name for this question, and comes back with the answer."""
        self._asked_at = path_of(self)
        found = await self._suggest(words if isinstance(words, str) else "")
        self.suggestions = list(found)[:MOST]
        self.answered = request[:MAX_REQUEST] if isinstance(request, str) else ""


def chosen_id(value: object, field: str, changeset: Changeset[Any]) -> UUID:
    """The id that a `choice_field` has sent. Raises Invalid where what was typed is nothing that was offered."""
    try:
        return as_id(value)
    except NotFound:
        raise Invalid(changeset.add_error(field, UNCHOSEN)) from None


class Combobox(rx.Component):
    """See `combobox.js`."""

    library = linked_scripts(__file__)["combobox"]
    tag = "Combobox"

    kind: rx.Var[Literal["choice", "names", "adding"]]
    name: rx.Var[str]
    value: rx.Var[str]
    placeholder: rx.Var[str]
    nothing: rx.Var[str]
    suggestions: rx.Var[list[Any]]
    answered: rx.Var[str]
    on_suggest: rx.EventHandler[lambda words, request: [words, request]]
    on_choose: rx.EventHandler[lambda value: [value]]


def choice_field(
    label: Text,
    name: str,
    state: type[SuggestState],
    *,
    nothing: Text = "",
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002 - the word for it
    required: bool = False,
    class_name: str = "",
) -> rx.Component:
    """A choice of one among many. `nothing` is said where nobody or nothing is called so."""

    def control(attributes: dict[str, Any]) -> rx.Component:
        return _combobox("choice", state, nothing, class_name=classes("select cursor-text", _FIELD), **attributes)

    return field(label, name, control, form=form, error=error, help=help, required=required, class_name=class_name)


def names_field(
    label: Text,
    name: str,
    state: type[SuggestState],
    *,
    value: Text = "",
    nothing: Text = "",
    form: str = "form",
    error: Text = "",
    help: Child = "",  # noqa: A002
) -> rx.Component:
    """Names with commas between them; known ones are offered, new ones may be typed."""

    def control(attributes: dict[str, Any]) -> rx.Component:
        look = classes("input", _FIELD)
        return _combobox("names", state, nothing, value=value, dir="auto", class_name=look, **attributes)

    return field(label, name, control, form=form, error=error, help=help)


def adding_field(
    id: str,  # noqa: A002 - what HTML calls it
    state: type[SuggestState],
    *,
    on_choose: Any,
    nothing: Text = "",
    placeholder: Text = "",
) -> rx.Component:
    """A field whose label is the caller's. `on_choose` gets the value of each that is chosen."""
    look = classes("select cursor-text", _FIELD)
    return _combobox(
        "adding", state, nothing, id=id, on_choose=on_choose, placeholder=placeholder, dir="auto", class_name=look
    )


def _combobox(kind: str, state: type[SuggestState], nothing: Text, **props: Any) -> rx.Component:
    return Combobox.create(
        kind=kind,
        suggestions=state.suggestions,
        answered=state.answered,
        on_suggest=state.suggest,
        nothing=nothing if is_given(nothing) else t("Nothing found"),
        **props,
    )
