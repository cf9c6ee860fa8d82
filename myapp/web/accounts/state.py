"""What the pages where people come in know: where to go then, what was done before, and the link that led here."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from myapp import accounts
from myapp.config import load_settings
from myapp.kit import routes
from myapp.web.events import server_event
from myapp.web.session import argument, back_to, query, way_back

NEWS = frozenset({"sent", "confirmed", "changed", "ended", "failed"})


class DemoPerson(TypedDict):
    """Somebody of the demonstration to log in as."""

    id: str
    name: str
    role: str
    place: str


class EntranceState(rx.State):
    """Read from the address; the addresses of the other pages lead on to the same one in the end."""

    back: str = "/"
    log_in_url: str = routes.log_in()
    register_url: str = routes.register()
    reset_url: str = routes.reset()
    confirm_url: str = routes.confirm_again()
    news: str = ""
    link: str = ""
    people: list[DemoPerson] = []

    @server_event
    def load(self) -> None:
        """A page without a link."""
        asked = query(self)
        self._lead_on(asked.get("back", ""))
        self.news = next((name for name in NEWS if asked.get(name)), "")
        self.link = ""

    @server_event
    def load_link(self) -> None:
        """A page that a mail leads to. Opening it uses nothing up: those who scan mails follow links."""
        self.link = argument(self, "link_token")
        self._lead_on(query(self).get("back", ""))
        self.news = ""

    def _lead_on(self, path: str) -> None:
        self.back, back = back_to(path), way_back(path)
        self.log_in_url, self.register_url = routes.log_in(back=back), routes.register(back=back)
        self.reset_url, self.confirm_url = routes.reset(back=back), routes.confirm_again(back=back)

    @server_event
    async def load_people(self) -> None:
        """Nobody in production."""
        found = [] if load_settings().env == "production" else await accounts.list_demo_users()
        self.people = [
            {"id": str(each.id), "name": each.name, "role": each.role.value, "place": each.org_name} for each in found
        ]
