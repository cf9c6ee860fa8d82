"""Inviting somebody by mail, sending it again, and taking it back."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Role
from myapp.web.accounts.organization_people.state import OrgPeopleState, chosen
from myapp.web.components import button, dialog, select_field, text_field
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.forms import FormState, live_form
from myapp.web.roles import Choices, role_choices
from myapp.web.session import scope_of
from myapp.web.shell import ShellState, flash, push

_FORM = "invite"


class InviteForm(FormState, rx.State):
    """Whom to invite, and as what; and the invitation in the address, which may be taken back."""

    roles: Choices = []
    revoked_id: str = ""
    revoked_email: str = ""

    @server_event
    async def load(self) -> None:
        """An empty form, for who may send it."""
        scope, invitation_id = await scope_of(self), str(chosen(self))
        self.roles = role_choices(accounts.roles_to_give(scope))
        self._fill({"email": "", "role": Role.MEMBER})
        listed = (await self.get_state(OrgPeopleState)).invited
        named = next((each for each in listed if each["id"] == invitation_id), None)
        self.revoked_id, self.revoked_email = (named["id"], named["email"]) if named else ("", "")

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await accounts.change_invitation(await scope_of(self), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        invitation = await accounts.create_invitation(await scope_of(self), attrs)
        self._fill({"email": "", "role": Role.MEMBER})
        sent = _("An invitation is on its way to %(email)s.") % {"email": invitation.email}
        return [push("close_dialog"), flash(sent)]

    @event
    async def resend(self, invitation_id: str) -> Any:
        """Send another link; the one before is worth nothing then."""
        invitation = await accounts.resend_invitation(await scope_of(self), as_id(invitation_id))
        return flash(_("Sent to %(email)s again.") % {"email": invitation.email})

    @event
    async def revoke(self) -> Any:
        """Make the link worth nothing."""
        await accounts.revoke_invitation(await scope_of(self), as_id(self.revoked_id))
        return [
            push("close_dialog"),
            flash(_("The invitation of %(email)s is taken back.") % {"email": self.revoked_email}),
        ]


def invitation_dialogs() -> rx.Component:
    """The form, and the question before an invitation is taken back."""
    return rx.fragment(_invite_dialog(), _revocation_dialog())


def _invite_dialog() -> rx.Component:
    send = button(
        t("Send invitation"),
        type="submit",
        form=f"{_FORM}-form",
        kind="primary",
        busy=InviteForm.is_saving,
        busy_label=t("Sending"),
    )
    form = live_form(
        InviteForm,
        text_field(
            t("Mail address"),
            "email",
            type="email",
            form=_FORM,
            value=InviteForm.values["email"],
            error=InviteForm.errors["email"],
            help=t("The link works for this address alone, once, for seven days."),
            required=True,
            auto_complete="off",
        ),
        select_field(
            t("Role"),
            "role",
            InviteForm.roles,
            form=_FORM,
            value=InviteForm.values["role"],
            error=InviteForm.errors["role"],
            required=True,
        ),
        name=_FORM,
        class_name="flex flex-col gap-4",
    )
    return dialog("invite", title=t("Invite somebody to %(org)s", org=ShellState.org_name), body=form, actions=[send])


def _revocation_dialog() -> rx.Component:
    body = rx.el.p(
        t("The link that was sent to %(email)s is worth nothing then.", email=InviteForm.revoked_email),
        class_name="wrap-anywhere text-muted",
    )
    revoke = button(t("Take back"), kind="danger", on_click=InviteForm.revoke)
    return dialog(
        rx.Var.create(f"revoke-{InviteForm.revoked_id}"),
        title=t("Take this invitation back?"),
        body=body,
        actions=[revoke],
    )
