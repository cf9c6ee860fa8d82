"""What the person wanted when they were asked for the password: done by itself once it was right.

    except SudoRequired:
        return ask(UsersState.make_operator)       # of a button: the handler is run again

A form's handler (`live/forms.py`) says which form it was. The browser, where what was typed has stayed, sends it again:
of a new password nothing is kept here.
"""

from __future__ import annotations

from typing import Any, cast

import reflex as rx
from reflex.event import EventSpec

from myapp.kit.i18n import gettext
from myapp.web.events import server_event
from myapp.web.shell import flash, push


class AgainState(rx.State):
    """The act that waits: the name of a state, and of its handler if it is no form."""

    _state: str = ""
    _handler: str = ""

    @server_event
    def ask(self, state: str, handler: str) -> Any:
        """Ask for the password, and remember what for."""
        self._state, self._handler = state, handler
        return push("open_dialog", "sudo")

    @server_event
    async def go_on(self) -> Any:
        """The password was right: do it now."""
        name, handler, self._state, self._handler = self._state, self._handler, "", ""
        if not name:
            return flash(gettext("Thank you. Go on now."))
        cls = cast("type[rx.State]", rx.State.get_class_substate(name))
        if handler:
            return getattr(cls, handler)
        form: Any = await self.get_state(cls)
        form.again += 1
        return None


def ask(handler: Any) -> EventSpec:
    """An event that asks for the password again, after which this handler of a state runs, which takes no arguments."""
    return cast("EventSpec", AgainState.ask(handler.state_full_name, handler.fn.__name__))


def ask_for_form(form: type[rx.State]) -> EventSpec:
    """The same for a form of this state, which the browser then sends again."""
    return cast("EventSpec", AgainState.ask(form.get_full_name(), ""))


def ask_for_nothing() -> EventSpec:
    """The same where nobody can tell what was wanted."""
    return cast("EventSpec", AgainState.ask("", ""))
