"""The dialog that asks for the password again: whatever raises `SudoRequired` opens it.

Once the password is right, what was wanted happens (`live/again.py`), and may for twenty minutes.
"""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.accounts import NotYou
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import Invalid, RateLimited
from myapp.web.components import button, dialog, link, text_field
from myapp.web.i18n import t
from myapp.web.live.again import AgainState
from myapp.web.live.forms import FormState, NotSaved, live_form
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, flash, push

FORM = "sudo"


class SudoState(FormState, rx.State):
    """The password, which is checked and not kept."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_sudo(attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        changeset = accounts.change_sudo(attrs)
        if not changeset.valid:
            raise Invalid(changeset)
        try:
            await accounts.confirm_password(
                await scope_of(self), changeset.get_change("password"), ip=self.router.session.client_ip or None
            )
        except NotYou as error:
            raise Invalid(changeset.add_error("password", error.message)) from error
        except RateLimited as error:
            return NotSaved(flash(str(error), "error"))
        self._fill({})
        return [push("close_dialog"), AgainState.go_on]


def sudo_dialog() -> rx.Component:
    """It stands on every page, and is opened by its name."""
    form = live_form(
        SudoState,
        text_field(
            t("Password"),
            "password",
            type="password",
            form=FORM,
            error=SudoState.errors["password"],
            required=True,
            auto_complete="current-password",
        ),
        rx.el.p(
            link(t("No password? Log in with a link again"), routes.log_in(back=ShellState.path)), class_name="text-sm"
        ),
        name=FORM,
        label=t("Your password"),
        class_name="flex flex-col gap-4",
    )
    return dialog(
        "sudo",
        title=t("Is it still you?"),
        body=rx.el.div(
            rx.el.p(t("Before this can be done, give your password again."), class_name="mb-4 text-muted"), form
        ),
        actions=[
            button(
                t("Go on"),
                kind="primary",
                type="submit",
                form=f"{FORM}-form",
                busy=SudoState.is_saving,
                busy_label=t("Checking"),
            )
        ],
    )
