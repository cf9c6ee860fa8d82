"""Forms that are posted to an endpoint, as logging in is: checked while one types, refused in place, kept nowhere.

    class LogInState(PostedState, rx.State):
        @override
        async def _change(self, attrs: Attrs) -> Changeset[Any]:
            return accounts.change_log_in(attrs)

    post_form(LogInState, text_field(…, form="log-in", error=LogInState.errors["email"]), name="log-in",
              action=routes.SESSION)

The endpoint (`api/account.py`) answers a script with JSON and a browser with a redirect. What a script reports back
comes from the browser, so nothing is done with it but to show it to whoever sent it.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.components._types import Child
from myapp.web.components.icons import icon
from myapp.web.events import event, server_event
from myapp.web.live.browser import POST_FORM
from myapp.web.live.forms import FieldsState

MAX_TEXT = 500  # characters of a complaint


class PostedState(FieldsState, mixin=True):
    """A state that checks the fields of such a form. Override `_change`."""

    problem: str = ""  # what is wrong with all of it
    refused: int = 0

    @server_event
    def load(self) -> None:
        """What was wrong before is not wrong with what is typed now."""
        self.errors, self.problem = {}, ""

    @event
    async def refuse(self, fields: dict[str, Any], detail: str) -> None:
        """The endpoint did not take it: show why."""
        known = fields.items() if isinstance(fields, dict) else ()
        self.errors = {str(name)[:50]: str(text)[:MAX_TEXT] for name, text in list(known)[:20]}
        self.problem = "" if self.errors else str(detail)[:MAX_TEXT]
        self.refused += 1


class PostForm(rx.Component):
    """The browser's half."""

    library = POST_FORM
    tag = "PostForm"

    name: rx.Var[str]
    action: rx.Var[str]
    label: rx.Var[str]
    refused: rx.Var[int]
    on_validate: rx.EventHandler[lambda fields, touched: [fields, touched]]
    on_refused: rx.EventHandler[lambda fields, detail: [fields, detail]]


def post_form(
    state: type[PostedState], *children: Child, name: str, action: str, label: str | rx.Var[str] = "", **props: Any
) -> rx.Component:
    """A form of `state` that goes to the endpoint `action`. `name` is that of its fields' `form=`."""
    return PostForm.create(
        _problem(state.problem),
        *children,
        name=name,
        action=action,
        label=label,
        refused=state.refused,
        on_validate=state.validate,
        on_refused=state.refuse,
        **props,
    )


def _problem(text: str | rx.Var[str]) -> rx.Component:
    notice = rx.el.p(
        icon("circle-alert", size=18, class_name="mt-0.5 shrink-0"),
        rx.el.span(text),
        role="alert",
        tab_index=-1,
        class_name="flex gap-2 rounded-box border border-error p-3 text-sm text-error",
    )
    return rx.cond(text, notice, rx.fragment())


def hidden(name: str, value: str | rx.Var[str]) -> rx.Component:
    """What a form carries along unseen."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)
