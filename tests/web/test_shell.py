"""What surrounds every page: who one is, where one is, what went wrong, and what is followed."""

from __future__ import annotations

import pytest

from myapp.kit.errors import Conflict, Forbidden, NotFound, RateLimited, Unauthenticated
from myapp.kit.pubsub import PubSub, broadcast
from myapp.web.shell import ShellState
from tests.live import Live
from tests.web.shell_page import TOPIC, People, Rang, ShellPage, app, flashes_of, live, opened, people, problem_of

__all__ = ["app", "live", "people"]


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
    assert tab.redirects == ["/log-in?back=%2Fo%2Fdemo%2Fmembers%3Fq%3Dtea"]
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


@pytest.mark.parametrize("trouble", [NotFound(), Forbidden(), Conflict(), RateLimited(3600)])
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


async def test_a_message_stays_on_a_page_that_loads_anew_and_survives_the_redirect_after_it(live: Live, people: People):
    tab = await live.open("/o/demo/page", cookies=people.ada)
    await tab.send(ShellPage.say_and_go)
    await tab.send(ShellState.enter_again)
    await tab.send(ShellState.enter_again)
    assert flashes_of(tab) == ["Saved."]
    await tab.navigate("/elsewhere")
    assert flashes_of(tab) == ["Saved."]


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
