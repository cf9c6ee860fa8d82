"""What a page says of its own connection to the channels, and how it gets it back."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, expect

from tests.browser import conftest
from tests.browser.conftest import LIVE, SOON, People, ready
from tests.browser.test_streams import titles

ADA = "Ada Okafor"


def count_sockets(page: Page) -> list[str]:
    """The connections that a page opens to the channels from now on."""
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url) if "/socket/websocket" in socket.url else None)
    return opened


async def test_the_sixth_window_says_that_it_is_one_too_many_and_hears_again_when_there_is_room(people: People):
    first = await people.visit("/", ADA)
    others = [await first.context.new_page() for _ in range(4)]
    await asyncio.gather(*(page.goto("/") for page in others))
    for page in (first, *others):
        await expect(titles(page).first).to_be_visible(timeout=SOON)
    sixth = await first.context.new_page()
    opened = count_sockets(sixth)
    await sixth.goto("/")

    notice = sixth.get_by_role("status").locator("p", has_text="too many windows")
    await expect(notice).to_be_visible(timeout=SOON)
    await expect(sixth.locator(".live-dot")).to_have_text("Not live")
    async with sixth.expect_websocket(lambda socket: "/socket/websocket" in socket.url) as opening:
        await notice.get_by_role("button", name="Try again").click()
    refused = await opening.value
    if not refused.is_closed():
        await refused.wait_for_event("close")
    await expect(notice).to_be_visible()
    await others[0].close()
    await notice.get_by_role("button", name="Try again").click()

    await expect(titles(sixth).first).to_be_visible(timeout=SOON)
    await expect(notice).to_have_count(0)
    assert len(opened) == 3


async def test_what_is_chosen_without_a_connection_opens_when_it_is_back(people: People):
    page = await people.visit("/o/demo/posts", ADA)
    await page.context.set_offline(True)
    await expect(page.locator(".live-dot")).to_have_text("Offline")
    await page.get_by_role("link", name="Tags").first.click()
    await expect(page.get_by_role("status").get_by_text("The page you chose opens")).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("heading", level=1, name="Posts")).to_be_visible()

    await page.context.set_offline(False)
    await page.wait_for_url("**/o/demo/tags")
    await expect(page.get_by_role("heading", level=1, name="Tags")).to_be_visible(timeout=SOON)


async def test_whoever_logs_out_in_another_window_is_told_and_led_back_by_the_log_in(people: People):
    page = await people.visit("/?from=here", ADA)
    await expect(titles(page).first).to_be_visible(timeout=SOON)
    opened = count_sockets(page)
    other = await page.context.new_page()
    await other.goto("/o/demo")
    await ready(other)
    await other.get_by_role("button", name="You and your settings").click()
    async with other.expect_navigation():
        await other.get_by_role("button", name="Log out").click()

    conftest._logged_in.pop(ADA)  # that session is over
    await expect(page).to_have_url(re.compile(r"/log-in\?back=.*from%3Dhere"), timeout=SOON)
    await expect(page.get_by_role("status").get_by_text("Your session has ended")).to_be_visible(timeout=SOON)
    async with page.expect_navigation():
        await page.get_by_role("button", name=ADA).click()
    await expect(page).to_have_url(re.compile(r"/\?from=here$"))
    await expect(titles(page).first).to_be_visible(timeout=LIVE)
    assert len(opened) <= 2  # that of the log-in, if it wanted one, and that of the page one came back to
