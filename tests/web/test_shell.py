"""What surrounds every page: who one is, where one is, what went wrong, and what is followed."""

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
from myapp.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated
from myapp.kit.i18n import get_locale
from myapp.kit.pubsub import PubSub, broadcast
from myapp.kit.pubsub import event as pubsub_event
from myapp.kit.scope import Role, Scope
from myapp.web import errors, session, shell
from myapp.web.door import Door
from myapp.web.errors import on_backend_error
from myapp.web.events import event, server_event
from myapp.web.live import subscriptions
from myapp.web.live.subscriptions import Followers, follow
from myapp.web.session import SessionCookie, argument, query, scope_of
from myapp.web.shell import Entry, Guard, ShellState, flash, push
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
    saved = dict(shell._entries)
    shell.use_entries(
        {
            "/o/[shell_org]/page": Entry(on_load=(ShellPage.load,)),
            "/o/[shell_org]/members": Entry(Guard.MEMBER, (ShellPage.load,)),
        }
    )
    errors.loads_pages([ShellPage.load.fn])
    ShellPage.trouble.clear()
    async with Live(app) as live:
        yield live
    shell.use_entries(saved)


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


async def test_a_member_is_greeted_by_name_and_place(live: Live, people: People):
    tab = await live.open("/o/demo/page?q=tea", cookies=people.ada)
    assert tab.get(ShellState.person_name) == "Ada"
    assert (tab.get(ShellState.org_name), tab.get(ShellState.role)) == ("Demo Gazette", "owner")
    assert tab.get(ShellState.places) == [{"slug": "demo", "name": "Demo Gazette"}]
    assert tab.get(ShellPage.loaded) == "demo tea owner"
    assert not tab.get(ShellState.is_loading)


async def test_a_visitor_sees_a_public_organisation_as_a_visitor(live: Live, people: People):
    tab = await live.open("/o/demo/page")
    assert tab.get(ShellState.person_name) == ""
    assert tab.get(ShellPage.loaded) == "demo  visitor"


@pytest.mark.parametrize("path", ["/o/secret/page", "/o/unknown/page"])
async def test_a_private_place_looks_like_one_that_does_not_exist(live: Live, people: People, path: str):
    tab = await opened(live, path)
    await tab.until(lambda: problem_of(tab) == "missing")
    assert tab.get(ShellState.org_name) == ""
    assert tab.get(ShellPage.loaded) == ""


async def test_a_forged_cookie_is_a_visitor(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies={"session": people.ada["session"][:-4] + "AAAA"})
    assert tab.get(ShellPage.loaded) == "demo  visitor"


async def test_a_visitor_is_sent_to_say_who_they_are_and_back(live: Live, people: People):
    tab = await live.open("/elsewhere")
    with pytest.raises(Unauthenticated):
        await tab.navigate("/o/demo/members?q=tea")
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == ["/people?back=%2Fo%2Fdemo%2Fmembers%3Fq%3Dtea"]
    assert tab.get(ShellPage.loaded) == "", "the page must not load for whom the guard stops"


async def test_somebody_who_is_no_member_is_told_so(live: Live, people: People):
    tab = await live.open("/elsewhere", cookies=people.grace)
    with pytest.raises(Forbidden):
        await tab.navigate("/o/demo/members")
    await tab.until(lambda: problem_of(tab) == "forbidden")
    assert tab.get(ShellPage.loaded) == ""


@pytest.mark.parametrize(
    ("trouble", "problem"), [(NotFound(), "missing"), (Forbidden(), "forbidden"), (RuntimeError("a detail"), "failed")]
)
async def test_what_fails_while_loading_takes_the_pages_place(
    live: Live, people: People, trouble: Exception, problem: str
):
    tab = await opened(live, "/o/demo/page", people, trouble)
    await tab.until(lambda: problem_of(tab) == problem)
    assert not tab.get(ShellState.is_loading)
    assert "a detail" not in str(tab.deltas)
    await tab.navigate("/o/demo/page")
    assert problem_of(tab) == ""


async def test_a_failed_page_can_be_tried_again(live: Live, people: People):
    tab = await opened(live, "/o/demo/page", people, RuntimeError())
    await tab.until(lambda: problem_of(tab) == "failed")
    await tab.send(ShellState.enter_again)
    assert problem_of(tab) == ""
    assert tab.get(ShellPage.loaded) == "demo  owner"


@pytest.mark.parametrize("trouble", [NotFound(), Forbidden(), Conflict()])
async def test_what_fails_on_the_page_is_said_above_it(live: Live, people: People, trouble: Exception):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    ShellPage.trouble.append(trouble)
    with pytest.raises(type(trouble)):
        await tab.send(ShellPage.act)
    await tab.until(lambda: flashes_of(tab) == [str(trouble)])
    assert problem_of(tab) == ""


async def test_the_unforeseen_is_logged_and_shown_under_one_number(
    live: Live, people: People, caplog: pytest.LogCaptureFixture
):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    ShellPage.trouble.append(RuntimeError("a detail"))
    with pytest.raises(RuntimeError):
        await tab.send(ShellPage.act)
    await tab.until(lambda: flashes_of(tab))
    number = flashes_of(tab)[0].removesuffix(".").rsplit(maxsplit=1)[1]
    assert f"[{number}]" in caplog.text
    assert "a detail" not in str(tab.deltas)


async def test_a_message_survives_the_redirect_and_goes_with_the_next_page(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.send(ShellPage.say_and_go)
    await tab.navigate("/elsewhere")
    assert flashes_of(tab) == ["Saved."]
    await tab.navigate("/o/demo/page")
    assert flashes_of(tab) == []


async def test_a_word_to_the_browser_is_said_once(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    deltas = await tab.send(ShellPage.point)
    name = ShellState.get_full_name()
    said = [delta[name]["pushes_rx_state_"] for delta in deltas if "pushes_rx_state_" in delta.get(name, {})]
    assert [[push["detail"] for push in pushes] for pushes in said] == [["comment-7"], []]


async def test_a_message_can_be_dismissed(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.send(ShellPage.say_and_go)
    (message,) = tab.get(ShellState.flashes)
    await tab.send(ShellState.dismiss_flash(message["id"]))
    assert flashes_of(tab) == []


async def test_a_tab_follows_a_topic_while_it_is_on_the_page(live: Live, people: People, hub: PubSub):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    broadcast(TOPIC, Rang(1))
    await tab.until(lambda: tab.get(ShellPage.heard) == [1])
    await tab.navigate("/elsewhere")
    assert TOPIC not in hub.topics()
    await tab.navigate("/o/demo/page")
    assert TOPIC in hub.topics()
    await tab.close()
    assert TOPIC not in hub.topics()


@pytest.mark.parametrize(("cookies", "locale"), [({}, "en-AU"), ({"locale": "en-GB"}, "en-GB")])
async def test_handlers_speak_the_readers_language(live: Live, people: People, cookies: dict[str, str], locale: str):
    tab = await live.open("/o/demo/page", cookies=cookies, headers={"accept-language": "xx, en-AU;q=0.8"})
    await tab.send(ShellPage.act)
    assert tab.get(ShellPage.locale_seen) == locale
