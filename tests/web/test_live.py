"""The harness itself: an app made for it, and what pages must be able to rely on."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie

import pytest
import reflex as rx

from tests.live import Live, own_app


class HarnessChat(rx.State):
    """A state with one of each: route argument, cookie, list, computed and private var, chained and endless events."""

    room_name: str = ""
    who: str = ""
    messages: list[str] = []
    _secret: str = "stays"

    @rx.var
    def count(self) -> int:
        return len(self.messages)

    @rx.event
    def enter(self):
        cookies = SimpleCookie(self.router.headers.cookie)
        self.who = cookies["who"].value if "who" in cookies else ""
        self.room_name = self.router.url.path.rsplit("/", 1)[-1]
        if not self.who:
            return rx.redirect("/harness/door")
        return None

    @rx.event
    def say(self, text: str):
        self.messages.append(text)

    @rx.event
    def say_twice(self, text: str):
        yield HarnessChat.say(text)
        yield HarnessChat.say(text + " again")

    @rx.event
    def fail(self):
        raise ValueError("no luck")

    @rx.event
    def fail_later(self):
        return HarnessChat.fail

    @rx.event(background=True)
    async def count_to(self, last: int):
        for number in range(1, last + 1):
            async with self:
                self.messages.append(str(number))

    @rx.event(background=True)
    async def never_end(self):
        async with self:
            self.messages = ["started"]
        await asyncio.Event().wait()


def room() -> rx.Component:
    return rx.el.main(rx.el.h1(HarnessChat.room_name), rx.foreach(HarnessChat.messages, rx.el.p))


@pytest.fixture(scope="module")
def app() -> rx.App:
    app = own_app()
    app.add_page(room, route="/harness/rooms/[harness_room]", on_load=HarnessChat.enter)
    app.add_page(lambda: rx.el.p("knock"), route="/harness/door")
    return app


async def test_opening_a_page_runs_on_load_with_its_cookie_and_route(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})
        stranger = await live.open("/harness/rooms/lobby")

        assert (ada.get(HarnessChat.who), ada.get(HarnessChat.room_name)) == ("ada", "lobby")
        assert (ada.redirects, stranger.redirects) == ([], ["/harness/door"])


async def test_a_private_var_never_reaches_the_browser(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        assert "stays" not in str(ada.deltas)


async def test_an_event_brings_exactly_what_it_changed(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        (delta,) = await ada.send(HarnessChat.say("hello"))

        assert delta == {HarnessChat.get_full_name(): {"messages_rx_state_": ["hello"], "count_rx_state_": 1}}


async def test_sending_waits_for_the_events_that_an_event_sets_off(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        await ada.send(HarnessChat.say_twice, "hello")
        await ada.send(HarnessChat.count_to(2))

        assert ada.get(HarnessChat.messages) == ["hello", "hello again", "1", "2"]
        assert ada.get(HarnessChat.count) == 4


@pytest.mark.parametrize("handler", [HarnessChat.fail, HarnessChat.fail_later])
async def test_the_error_of_a_handler_reaches_the_test(app: rx.App, handler: object):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        with pytest.raises(ValueError, match="no luck"):
            await ada.send(handler)


async def test_what_the_server_pushes_arrives(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        async with ada.server_state(HarnessChat) as chat:
            chat.messages = ["pushed"]

        assert ada.get(HarnessChat.messages) == ["pushed"]


async def test_an_endless_event_does_not_hold_up_the_end(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})

        await ada.send(HarnessChat.never_end, wait="nothing")
        await ada.until(lambda: ada.get(HarnessChat.messages) == ["started"])


async def test_following_a_link_loads_the_next_page_on_the_same_connection(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})
        token = ada.token

        await ada.navigate("/harness/rooms/attic?x=1")

        assert (ada.get(HarnessChat.room_name), ada.token) == ("attic", token)


async def test_two_tabs_have_states_of_their_own(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})
        bob = await live.open("/harness/rooms/lobby", cookies={"who": "bob"})

        await ada.send(HarnessChat.say("hello"))

        assert (ada.get(HarnessChat.count), bob.get(HarnessChat.count)) == (1, 0)


async def test_a_reconnect_keeps_the_state_unless_the_server_missed_the_loss(app: rx.App):
    async with Live(app) as live:
        ada = await live.open("/harness/rooms/lobby", cookies={"who": "ada"})
        await ada.send(HarnessChat.say("hello"))

        ada = await ada.reconnect()
        assert ada.get(HarnessChat.messages) == ["hello"]

        ada = await ada.reconnect(noticed=False)
        assert ada.get(HarnessChat.messages) == []
        assert ada.get(HarnessChat.who) == "ada"  # rebuilt by on_load
