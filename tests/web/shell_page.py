"""A page that can be made to fail in every way, and who looks at it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest
import reflex as rx
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts
from myapp.config import Settings
from myapp.kit.i18n import get_locale
from myapp.kit.pubsub import event as pubsub_event
from myapp.kit.scope import Role, Scope
from myapp.web import entries, errors, session
from myapp.web.door import Door
from myapp.web.entries import Entry, Guard
from myapp.web.errors import on_backend_error
from myapp.web.events import event, server_event
from myapp.web.live import subscriptions
from myapp.web.live.subscriptions import Followers, follow
from myapp.web.session import SessionCookie, argument, query, scope_of
from myapp.web.shell import ShellState, flash, push
from tests.factories.accounts import make_session
from tests.live import Live, Tab, own_app

TOPIC = "shell:test"


@pubsub_event("tests.shell.rang")
@dataclass(frozen=True)
class Rang:
    """Something happened."""

    number: int


class ShellPage(rx.State):
    """A page that can be made to fail in every way."""

    trouble: ClassVar[list[Exception]] = []
    loaded: str = ""
    heard: list[int] = []
    locale_seen: str = ""

    @server_event
    async def load(self) -> None:
        if self.trouble:
            raise self.trouble.pop()
        scope = await scope_of(self)
        self.loaded = f"{argument(self, 'shell_org')} {query(self).get('q', '')} {scope.role or 'visitor'}"
        follow(self, TOPIC, ShellPage.on_event)

    @server_event
    async def on_event(self, events: list) -> None:
        self.heard.extend(each.number for each in events)

    @event
    async def act(self) -> None:
        self.locale_seen = get_locale()
        if self.trouble:
            raise self.trouble.pop()

    @event
    async def ask(self) -> None:
        await scope_of(self)

    @event
    def point(self):
        return push("scroll_to", "comment-7")

    @event
    def say_and_go(self):
        return [flash("Saved."), rx.redirect("/elsewhere")]


@pytest.fixture(scope="module")
def app() -> rx.App:
    app = own_app(backend_exception_handler=on_backend_error)
    for route in ("/o/[shell_org]/page", "/o/[shell_org]/members", "/elsewhere"):
        app.add_page(lambda: rx.el.p(ShellPage.loaded), route=route, on_load=[ShellState.enter])
    door = Door(app)
    followers = Followers(door.deliver)
    door.when_closed(followers.unfollow)
    subscriptions.use(followers)
    return app


@pytest.fixture
async def live(app: rx.App, db: AsyncConnection) -> AsyncGenerator[Live]:
    session.use(SessionCookie(Settings.model_validate({})))
    saved = dict(entries._entries)
    entries.use_entries(
        {
            "/o/[shell_org]/page": Entry(on_load=(ShellPage.load,)),
            "/o/[shell_org]/members": Entry(Guard.MEMBER, (ShellPage.load,)),
        }
    )
    errors.loads_pages([ShellPage.load.fn])
    ShellPage.trouble.clear()
    async with Live(app) as live:
        yield live
    entries.use_entries(saved)


@dataclass
class People:
    """Who there is, as cookies."""

    ada: dict[str, str]
    grace: dict[str, str]


@pytest.fixture
async def people(db: AsyncConnection, live: Live) -> People:
    scope = Scope.system("a test needs people")
    demo = await accounts.create_organization(scope, {"name": "Demo Gazette", "slug": "demo"})
    await accounts.create_organization(scope, {"name": "Secret", "slug": "secret", "visibility": "private"})
    ids: list[UUID] = []
    for name in ("ada", "grace"):
        attrs = {"email": f"{name}@demo.example", "username": name, "name": name.title()}
        ids.append((await accounts.create_user(scope, attrs)).id)
    await accounts.create_membership(scope, demo.id, ids[0], Role.OWNER)
    return People(*[{"session": await make_session(user_id)} for user_id in ids])


def problem_of(tab: Tab) -> str:
    return tab.get(ShellState.problem)


def flashes_of(tab: Tab) -> list[str]:
    return [each["text"] for each in tab.get(ShellState.flashes)]


async def opened(live: Live, path: str, people: People | None = None, trouble: Exception | None = None) -> Tab:
    """A tab whose page fails to load: the harness raises the failure, the tab is what the reader sees."""
    if trouble is not None:
        ShellPage.trouble.append(trouble)
    tab = await live.open("/elsewhere", cookies=people.ada if people else None)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever it is; the test looks at what is shown
        await tab.navigate(path)
    return tab
