"""Forms that are checked while one types, by the same rules as on save, and that lose nothing.

    class PostForm(FormState, rx.State):
        @override
        async def _change(self, attrs: Attrs) -> Changeset[Post]:
            return await blog.change_post(await scope_of(self), self._post, attrs)

        @override
        async def _save(self, attrs: Attrs) -> Any:
            post = await blog.create_post(await scope_of(self), attrs)
            return [flash(_("Saved.")), rx.redirect(routes.post(self._org, post.slug))]

    live_form(
        PostForm,
        text_field(t("Title"), "title", form="post", value=PostForm.values["title"], error=PostForm.errors["title"]),
        button(t("Save"), kind="primary", type="submit", busy=PostForm.is_saving, busy_label=t("Saving")),
        name="post",
    )

Load the row into the fields with `self._fill({"title": post.title, …})`: only then are they drawn anew.

What always holds: 300 ms after the last letter the fields go to the server, which answers with the errors of those the
person has touched; of two answers the older is dropped. On save every error is shown and the first wrong field has the
focus; the save handler runs once however often the button is pressed. What is typed stays in the browser (its storage
too, under the page's address) until it is saved, so a reload, a crash or a lost connection costs nothing.

`Phoenix.HTML.Form` with `phx-change` and `phx-submit`, and LiveView's form recovery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from myapp.accounts import SudoRequired
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import Invalid
from myapp.web.components._types import Child
from myapp.web.events import event
from myapp.web.live.again import ask_for_form
from myapp.web.live.browser import FORMS
from myapp.web.shell import ShellState


class NotSaved:
    """What `_save` returns when it was refused for a reason that is no field's: these events, and the form stays."""

    def __init__(self, *after: Any) -> None:
        self.after = list(after)


class FieldsState(rx.State, mixin=True):
    """A state that checks the fields of a form which the browser sends elsewhere, to a channel. Override `_change`."""

    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    revision: int = 0  # the fields are drawn anew when it changes

    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        """What the context would make of the fields; nothing is written."""
        raise NotImplementedError

    def _fill(self, values: Mapping[str, object]) -> None:
        """Show these values in the fields, in place of what was there."""
        self.values = {name: "" if value is None else str(value) for name, value in values.items()}
        self.errors = {}
        self.revision += 1

    @event(supersedes=True)
    async def validate(self, fields: dict[str, Any], touched: list[str]) -> None:
        """The person has typed: check the fields, and show what is wrong with those that were touched."""
        changeset = await self._change(_plain(fields))
        self.errors = {
            name: text for name, text in _first(changeset.error_messages()).items() if name in _texts(touched)
        }


class FormState(FieldsState, mixin=True):
    """A state that holds one form. Override `_change` and `_save`."""

    is_saving: bool = False
    saved: int = 0  # times it was saved: the browser forgets its draft
    refused: int = 0  # times it was not: the browser goes to the first wrong field
    again: int = 0  # times the password was asked for first: the browser sends what is typed once more

    async def _save(self, attrs: Attrs) -> Any:
        """Write it, and return what happens next (events), or `NotSaved(events)`.

        May raise Invalid: its errors go to the fields.
        """
        raise NotImplementedError

    @event
    async def save(self, fields: dict[str, Any]) -> Any:
        """Save the form, or say what is wrong with it."""
        self.is_saving = True
        yield
        try:
            after = await self._save(_plain(fields))
        except Invalid as error:
            self.errors = _first(error.errors)
            self.refused += 1
            return
        except SudoRequired:
            yield ask_for_form(self.__class__)
            return
        finally:
            self.is_saving = False
        if isinstance(after, NotSaved):
            yield after.after
            return
        self.errors = {}
        self.saved += 1
        yield after


def _first(errors: Mapping[str, list[str]]) -> dict[str, str]:
    """One sentence a field: the rest comes when that is put right."""
    return {name: texts[0] for name, texts in errors.items() if texts}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain(fields: object) -> dict[str, object]:
    """What a form sends is untrusted: only names with a text or a list of texts go on."""
    pairs = fields.items() if isinstance(fields, Mapping) else ()
    return {
        name: value
        for name, value in pairs
        if isinstance(value, str | bool) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    }


class LiveForm(rx.Component):
    """The browser's half: drafts, debounce, focus."""

    library = FORMS
    tag = "LiveForm"

    name: rx.Var[str]
    revision: rx.Var[int]
    saved: rx.Var[int]
    refused: rx.Var[int]
    again: rx.Var[int]
    saving: rx.Var[bool]
    label: rx.Var[str]
    draft: rx.Var[str]
    send: rx.Var[Any]
    on_sent: rx.EventHandler[rx.event.no_args_event_spec]
    on_validate: rx.EventHandler[lambda fields, touched: [fields, touched]]
    on_save: rx.EventHandler[lambda fields: [fields]]


def live_form(
    state: type[FieldsState], *children: Child, name: str, label: str | rx.Var[str] = "", draft: Any = "", **props: Any
) -> rx.Component:
    """A form of `state`. `name` is that of its fields' `form=`; `draft` tells drafts of one page apart (a row's id).

    A draft is only offered again for the version it was made from when `draft` holds that too: f"{id}-{version}".

    With `send`, a function of the browser, nothing is saved by the state. It takes the fields, a name that stays the
    same for words that are sent again, and what to call when they were `sent`, `refused` or `dropped`; it returns
    whether it has taken them. Then the form is empty, and what is refused comes back to it, with its errors.
    """
    if issubclass(state, FormState):
        props |= {"saved": state.saved, "refused": state.refused, "again": state.again}
        props |= {"saving": state.is_saving, "on_save": state.save}
    return LiveForm.create(
        *children,
        name=name,
        label=label,
        draft=rx.Var.create(f"{ShellState.person_username}:{draft}"),
        revision=state.revision,
        on_validate=state.validate,
        **props,
    )


class QueryForm(rx.Component):
    """A form whose fields are the page's query."""

    library = FORMS
    tag = "QueryForm"

    label: rx.Var[str]
    to: rx.Var[str]


def query_form(*children: Child, label: str | rx.Var[str], to: str | rx.Var[str] = "", **props: Any) -> rx.Component:
    """Filters: every field is one key of the address's query, which changes 300 ms after the last letter.

    The page's `on_load` then runs with the new query; a newer one cancels an older that is still at work, so an old
    answer never replaces a new one. Fields show what the address says (Back works), also a select whose options come
    later, and `page` and `after` start over.
    `to` sends the query to another page, on Enter only: the search box.
    """
    return QueryForm.create(*children, label=label, to=to, **props)
