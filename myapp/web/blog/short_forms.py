"""Short forms of addresses: `/posts` leads to the posts of the person's own organisation, and so on."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.kit.i18n import gettext as _
from myapp.web.components import skeleton_lines
from myapp.web.events import server_event
from myapp.web.session import here, path_of
from myapp.web.shell import ShellState, flash


class ShortFormState(rx.State):
    """Leads on; visitors have been asked who they are before."""

    @server_event
    async def go(self) -> Any:
        """To the same page of the organisation the person belongs to, the first by name if there are several.

        Its front page is what stands for a dashboard. Whoever belongs to none is told so, and where to make one.
        """
        shell = await self.get_state(ShellState)
        is_dashboard = path_of(self) == routes.short_form("dashboard")
        if not shell.places:
            home = rx.redirect(routes.home(), replace=True)
            why = _("That is done in an organisation, and you belong to none yet.")
            return home if is_dashboard else [flash(why, "info"), home]
        page = "" if is_dashboard else here(self)
        return rx.redirect(routes.organization(shell.places[0]["slug"]) + page, replace=True)


def short_form_page() -> rx.Component:
    """Seen for a moment only."""
    return skeleton_lines()
