"""Tabs whose session is over, and tabs that change hands: nothing of what was somebody's stays."""

from __future__ import annotations

import pytest

from myapp import accounts
from myapp.kit import pubsub
from myapp.kit.scope import Role, Scope
from myapp.web.live import subscriptions
from myapp.web.session import SessionEnded
from myapp.web.shell import ShellState
from tests.live import Live
from tests.web.shell_page import People, ShellPage, app, flashes_of, live, people, problem_of

__all__ = ["app", "live", "people"]


async def session_of(people: People) -> Scope:
    return await accounts.scope_for_session(people.ada["session"])


async def test_a_tab_whose_session_is_over_goes_to_log_in_at_its_next_event_and_forgets_what_it_held(
    live: Live, people: People, monkeypatch: pytest.MonkeyPatch
):
    tab = await live.open("/o/demo/page?q=tea", cookies=people.ada)
    assert tab.get(ShellPage.loaded) == "demo tea owner"
    with monkeypatch.context() as unheard:
        unheard.setattr(pubsub, "broadcast", lambda *_: None)
        unheard.setattr("myapp.accounts.sessions.broadcast", lambda *_: None)
        await accounts.delete_sessions(await session_of(people))
    with pytest.raises(SessionEnded):
        await tab.send(ShellPage.ask)
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == ["/log-in?back=%2Fo%2Fdemo%2Fpage%3Fq%3Dtea"]
    assert (tab.get(ShellPage.loaded), tab.get(ShellState.person_name)) == ("", "")
    await tab.navigate("/elsewhere")
    assert tab.redirects[1:] == [], "there it is a visitor's"


async def test_a_tab_whose_session_is_ended_elsewhere_goes_to_log_in_at_once(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await accounts.delete_sessions(await session_of(people))
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == ["/log-in?back=%2Fo%2Fdemo%2Fpage"]
    assert tab.get(ShellPage.loaded) == ""


async def test_the_tab_that_logs_out_is_not_led_away_from_where_it_goes(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await accounts.log_out(await session_of(people))
    await tab.send(ShellPage.point)
    assert tab.redirects == []


async def test_who_is_taken_out_of_an_organisation_or_gets_another_role_there_sees_it_at_once(
    live: Live, people: People
):
    system = Scope.system("a test changes who belongs where")
    grace = await accounts.scope_for_session(people.grace["session"])
    secret = await accounts.get_organization_by_slug(system, "secret")
    assert grace.user_id is not None
    await accounts.create_membership(system, secret.id, grace.user_id, Role.MEMBER)
    tab = await live.open("/o/secret/page", cookies=people.grace)
    elsewhere = await live.open("/o/demo/page", cookies=people.grace)
    await accounts.update_membership(system, secret.id, grace.user_id, Role.ADMIN)
    await tab.until(lambda: tab.get(ShellPage.loaded) == "secret  admin")
    assert tab.get(ShellState.is_admin)
    await accounts.delete_membership(system, secret.id, grace.user_id)
    await tab.until(lambda: problem_of(tab) == "missing")
    assert (tab.get(ShellState.org_name), tab.get(ShellState.places)) == ("", [])
    await elsewhere.until(lambda: elsewhere.get(ShellState.places) == [])
    assert (problem_of(elsewhere), elsewhere.get(ShellPage.loaded)) == ("", "demo  visitor")


async def test_an_organisation_that_is_renamed_closed_or_deleted_shows_so_in_its_open_pages(live: Live, people: People):
    system = Scope.system("a test changes an organisation")
    demo = await accounts.get_organization_by_slug(system, "demo")
    hers, visitors = await live.open("/o/demo/page", cookies=people.ada), await live.open("/o/demo/page")
    elsewhere = await live.open("/elsewhere", cookies=people.ada)
    await accounts.update_organization(system, demo.id, {"name": "Demo Herald"})
    for tab in (hers, visitors):
        await tab.until(lambda tab=tab: tab.get(ShellState.org_name) == "Demo Herald")
    for tab in (hers, elsewhere):
        await tab.until(lambda tab=tab: [each["name"] for each in tab.get(ShellState.places)] == ["Demo Herald"])
    await accounts.update_organization(system, demo.id, {"visibility": "private"})
    await visitors.until(lambda: problem_of(visitors) == "missing")
    assert (problem_of(hers), visitors.get(ShellState.org_name)) == ("", "")
    await accounts.delete_organization(system, demo.id)
    await hers.until(lambda: problem_of(hers) == "missing")
    assert hers.get(ShellState.places) == []
    await elsewhere.until(lambda: elsewhere.get(ShellState.places) == [])
    assert problem_of(elsewhere) == ""


async def test_a_page_that_was_left_meanwhile_is_not_loaded_anew(
    live: Live, people: People, monkeypatch: pytest.MonkeyPatch
):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.navigate("/elsewhere")
    entered: list[str] = []

    async def noted(shell: ShellState) -> None:
        entered.append(shell._address)

    monkeypatch.setattr(ShellState, "_enter", noted)
    for wanted in ("/o/demo/page", "/elsewhere"):
        assert subscriptions._current()._deliver(tab.token, ShellState.load_anew, wanted)  # pyright: ignore[reportArgumentType]
    await tab.send(ShellPage.point)
    assert entered == ["/elsewhere"]


async def test_words_to_the_browser_are_counted_on_when_a_tab_is_nobodys_any_more(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.send(ShellPage.point)
    await accounts.delete_sessions(await session_of(people))
    await tab.until(lambda: tab.redirects)
    await tab.navigate("/elsewhere")
    await tab.send(ShellPage.point)
    name = ShellState.get_full_name()
    first, *_, last = [each["id"] for delta in tab.deltas for each in delta.get(name, {}).get("pushes_rx_state_", [])]
    assert last > first, "the browser acts on what it has not seen yet"


async def test_who_comes_to_a_tab_after_somebody_else_finds_nothing_of_theirs(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.close()
    for cookies in (people.grace, None):
        other = await live.open("/elsewhere", cookies=cookies, token=tab.token)
        assert other.get(ShellPage.loaded) == ""
        assert other.redirects == []
        await other.close()


async def test_a_cookie_that_is_worth_nothing_makes_a_visitor_and_no_detour(live: Live, people: People):
    await accounts.delete_sessions(await session_of(people))
    tab = await live.open("/o/demo/page", cookies=people.ada)
    assert tab.get(ShellPage.loaded) == "demo  visitor"
    await tab.send(ShellPage.ask)
    assert tab.redirects == []


async def test_what_needs_the_password_again_asks_for_it(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    ShellPage.trouble.append(accounts.SudoRequired())
    with pytest.raises(accounts.SudoRequired):
        await tab.send(ShellPage.act)
    name = ShellState.get_full_name()

    def pushed() -> list[str]:
        said = [delta[name]["pushes_rx_state_"] for delta in tab.deltas if "pushes_rx_state_" in delta.get(name, {})]
        return [f"{push['name']} {push['detail']}" for pushes in said for push in pushes]

    await tab.until(lambda: pushed() == ["open_dialog sudo"])
    assert flashes_of(tab) == []
