"""The bell in real browsers: what one does in one window is told in another's, at once."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import LIVE, SOON, People, Scheme, focus_on, ready
from tests.browser.test_accessible import violations
from tests.browser.test_chat import make_room, say


def unread(page: Page):
    return page.locator("[data-unread-count]")


async def open_bell(page: Page) -> None:
    await page.get_by_role("button", name="Notifications", exact=False).click()


async def read_everything(page: Page) -> None:
    """Begin with nothing unread, whatever other tests have said."""
    await page.goto("/notifications")
    await ready(page)
    await expect(page.locator("[data-told=ready]")).to_be_attached(timeout=SOON)
    if await unread(page).count():
        await page.get_by_role("main").get_by_role("button", name="Mark all as read").click()
    await expect(unread(page)).to_have_count(0, timeout=SOON)


async def test_who_is_named_in_the_chat_sees_the_bell_within_a_second(people: People):
    ada = await people.visit("/o/demo", "Ada Okafor")
    await read_everything(ada)
    await ada.goto("/o/demo/tags")
    await ready(ada)
    mei = await people.visit("/o/demo/chat/general", "Mei Tanaka")
    await say(mei, "Is @ada here?")
    await expect(unread(ada)).to_have_text("1", timeout=LIVE)

    await open_bell(ada)
    entry = ada.get_by_role("link", name="Mei Tanaka mentioned you in General").first
    await expect(entry).to_contain_text("Is @ada here?")
    await expect(entry).to_contain_text("Unread")
    await entry.click()
    await expect(ada.get_by_role("heading", level=1, name="General")).to_be_visible(timeout=SOON)
    await expect(unread(ada)).to_have_count(0, timeout=LIVE)


async def test_who_is_named_in_a_comment_is_led_to_it(people: People):
    mei = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Mei Tanaka")
    await mei.get_by_label("Your comment").fill("Where is the drawer, @ada?")
    await mei.get_by_label("Your comment").press("ControlOrMeta+Enter")
    await expect(mei.get_by_role("article").filter(has_text="Where is the drawer")).to_be_focused(timeout=SOON)

    ada = await people.visit("/notifications", "Ada Okafor")
    await ada.get_by_role("main").get_by_role("link", name="Where is the drawer").first.click()
    comment = ada.get_by_role("article").filter(has_text="Where is the drawer")
    await expect(comment).to_be_focused(timeout=SOON)
    await expect(comment).to_be_in_viewport()


async def test_what_is_said_where_one_looks_is_read(people: People):
    ada = await make_room(people, "Where one looks")
    other = await people.visit("/notifications", "Ada Okafor")
    await read_everything(other)
    mei = await people.visit(ada.url, "Mei Tanaka")
    await say(mei, "Good morning, @ada")
    entry = other.get_by_role("main").get_by_role("link", name="mentioned you in Where one looks")
    await expect(entry).to_be_visible(timeout=LIVE)
    await expect(unread(other)).to_have_count(0, timeout=LIVE)
    await expect(entry).not_to_contain_text("Unread")


async def test_all_are_on_their_page_marked_by_the_keyboard_and_gone_with_what_they_were_about(people: People):
    ada = await people.visit("/notifications", "Ada Okafor")
    await read_everything(ada)
    mei = await people.visit("/o/demo/chat/general", "Mei Tanaka")
    for number in range(3):
        await say(mei, f"Number {number}, @ada")
    main = ada.get_by_role("main")
    await expect(main.get_by_role("link", name="Number 2")).to_contain_text("Unread", timeout=LIVE)
    await expect(unread(ada)).to_have_text("3", timeout=LIVE)

    said = mei.get_by_role("log").get_by_role("article").filter(has_text="Number 1")
    await said.hover()
    await said.get_by_role("button", name="Delete").click()
    await said.get_by_role("button", name="Delete").last.click()
    await expect(main.get_by_role("link", name="Number 1")).to_have_count(0, timeout=LIVE)
    await expect(unread(ada)).to_have_text("2", timeout=LIVE)

    await focus_on(ada, main.get_by_role("button", name="Mark all as read"))
    await ada.keyboard.press("Enter")
    await expect(unread(ada)).to_have_count(0, timeout=LIVE)
    await expect(main.get_by_text("Unread")).to_have_count(0, timeout=LIVE)


async def test_a_visitor_has_no_bell(people: People):
    page = await people.visit("/o/demo")
    await expect(page.get_by_role("button", name="Notifications", exact=False)).to_have_count(0)


async def test_the_wish_for_mail_outlives_a_reload(people: People):
    page = await people.visit("/settings/notifications", "Jonas Lindqvist")
    switch = page.get_by_label("Tell me by mail, too")
    await expect(switch).to_be_checked(timeout=SOON)
    await switch.click()
    await expect(page.get_by_text("You get no mails about news.")).to_be_visible(timeout=SOON)
    await page.reload()
    await ready(page)
    await expect(switch).not_to_be_checked(timeout=SOON)


@pytest.mark.parametrize("path", ["/notifications", "/settings/notifications"])
async def test_axe_finds_nothing_on_a_page_in_any_look(people: People, path: str):
    page = await people.visit(path, "Ada Okafor")
    assert await violations(page) == []


async def test_axe_finds_nothing_in_the_open_bell(people: People):
    page = await people.visit("/o/demo/tags", "Ada Okafor")
    await open_bell(page)
    await expect(page.get_by_role("link", name="See all")).to_be_visible(timeout=SOON)
    assert await violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_a_developers_mailbox(people: People, scheme: Scheme):
    page = await people.visit("/o/demo", scheme=scheme)
    await page.goto("/dev/mailbox")
    await expect(page.get_by_role("heading", level=1, name="Mailbox")).to_be_visible()
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        assert (await Axe().run(page)).response["violations"] == []
