"""What a link in a mail leads to: an organisation, and the question whether to join it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import accounts
from myapp.accounts import InvitationClosed
from myapp.kit import routes
from myapp.kit.i18n import gettext as _
from myapp.web.events import event, server_event
from myapp.web.session import argument, path_of, scope_of
from myapp.web.shell import flash


class InvitationState(rx.State):
    """The offer behind the token in the address, as the reader finds it."""

    path: str = ""  # the address it was loaded for
    org_name: str = ""
    org_url: str = ""
    role: str = ""
    inviter: str = ""
    is_closed: bool = False
    is_member: bool = False
    is_for_reader: bool = False

    @server_event
    async def load(self) -> None:
        """Read the offer. A link that was good once says so; one that never was is no page at all."""
        self.is_closed = False
        try:
            offer = await accounts.get_offer(await scope_of(self), argument(self, "token"))
        except InvitationClosed:
            self.is_closed = True
        else:
            self.org_name, self.org_url = offer.org_name, routes.organization(offer.org_slug)
            self.role, self.inviter = offer.role.value, offer.inviter
            self.is_member, self.is_for_reader = offer.is_member, offer.is_for_reader
        self.path = path_of(self)

    @event
    async def accept(self) -> Any:
        """Join, and go there."""
        joined = await accounts.accept_invitation(await scope_of(self), argument(self, "token"))
        return [
            flash(_("You belong to “%(name)s” now.") % {"name": joined.name}),
            rx.redirect(routes.organization(joined.slug), replace=True),
        ]
