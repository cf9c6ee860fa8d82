"""The chat in real browsers: two people talk, and what happens to what they say when the server does not answer."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import LIVE, SOON, People, ready


def said(page: Page, text: str):
    return page.get_by_role("log").get_by_role("article").filter(has_text=text)


def field(page: Page):
    return page.get_by_role("textbox", name="Your message")


async def say(page: Page, text: str) -> None:
    await field(page).fill(text)
    await field(page).press("Enter")
    await expect(field(page)).to_have_value("")


async def make_room(people: People, name: str) -> Page:
    """A new room, made by Ada on the page for it."""
    page = await people.visit("/o/demo/chat", "Ada Okafor")
    await page.get_by_role("link", name="New room").click()
    dialog = page.get_by_role("dialog", name="New room")
    await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_role("button", name="Make room").click()
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=SOON)
    await ready(page)
    return page


async def test_one_can_write_in_a_low_window(people: People):
    page = await people.visit("/o/demo/chat/general", "Ada Okafor", width=844, height=390)
    below = await page.get_by_role("navigation", name="Organisation, below").bounding_box()
    box = await field(page).bounding_box()
    assert below is not None
    assert box is not None
    assert box["y"] + box["height"] <= below["y"]


async def test_two_people_talk_and_see_each_other_come_write_and_go(people: People):
    ada = await make_room(people, "Two people")
    await expect(ada.get_by_text("Nobody has said anything yet")).to_be_visible()
    mei = await people.visit(ada.url, "Mei Tanaka")
    await expect(ada.get_by_role("button", name="2 people here")).to_be_visible(timeout=LIVE)

    await field(mei).press_sequentially("He")
    await expect(ada.get_by_text("Mei Tanaka is writing…")).to_be_visible(timeout=LIVE)
    await say(mei, "Hello **there**, @ada <b>&</b>")
    await expect(said(ada, "Hello there").get_by_role("strong")).to_have_text("there", timeout=LIVE)
    await expect(said(ada, "@ada <b>&</b>")).to_be_visible()
    await expect(ada.get_by_text("Mei Tanaka is writing…")).to_have_count(0)
    await expect(said(mei, "Hello there")).to_have_count(1)
    await expect(ada.locator("p[aria-live]").filter(has_text="Mei Tanaka: Hello")).to_be_attached()

    await field(ada).press_sequentially("Two")
    await field(ada).press("Shift+Enter")
    await field(ada).press_sequentially("lines")
    await field(ada).press("Enter")
    await expect(said(mei, "Two\nlines")).to_be_visible(timeout=LIVE)

    await mei.close()
    await expect(ada.get_by_role("button", name="1 person here")).to_be_visible(timeout=SOON)


async def test_own_words_are_changed_with_the_arrow_up_and_deleted_after_a_question(people: People):
    ada = await make_room(people, "Second thoughts")
    mei = await people.visit(ada.url, "Mei Tanaka")
    await say(ada, "Teh first")
    await expect(said(mei, "Teh first")).to_be_visible(timeout=LIVE)
    await expect(said(mei, "Teh first").get_by_role("button", name="Edit")).to_have_count(0)

    await field(ada).press("ArrowUp")
    editor = ada.get_by_role("log").get_by_role("textbox", name="Your message")
    await expect(editor).to_be_focused()
    await editor.fill("")
    await editor.press("Enter")
    await expect(ada.get_by_role("alert").filter(has_text="can't be blank")).to_be_visible(timeout=LIVE)
    await editor.fill("The first")
    await editor.press("Enter")
    await expect(said(mei, "The first")).to_contain_text("edited", timeout=LIVE)
    await expect(editor).to_have_count(0)

    await said(ada, "The first").hover()
    await said(ada, "The first").get_by_role("button", name="Delete").click()
    await said(ada, "The first").get_by_role("group").get_by_role("button", name="Keep").click()
    await expect(said(ada, "The first")).to_be_visible()
    await said(ada, "The first").hover()
    await said(ada, "The first").get_by_role("button", name="Delete").click()
    await said(ada, "The first").get_by_role("group").get_by_role("button", name="Delete").click()
    await expect(mei.get_by_text("This message was deleted.")).to_be_visible(timeout=LIVE)
    await expect(said(mei, "The first")).to_have_count(0)


async def test_what_is_unread_is_counted_in_every_tab_until_it_is_read_in_one(people: People):
    ada = await make_room(people, "Counted")
    mei = await people.visit(ada.url, "Mei Tanaka")  # whom no other test mentions, so that her marks go away
    await say(mei, "I am in it.")
    await expect(said(mei, "I am in it.")).not_to_have_attribute("aria-busy", "true", timeout=LIVE)
    await mei.goto("/o/demo/chat")
    await ready(mei)
    other_tab = await people.visit("/o/demo/tags", "Mei Tanaka")
    room = mei.get_by_role("main").get_by_role("link", name="Counted")

    await say(ada, "One")
    await expect(room).to_contain_text("1 unread message", timeout=LIVE)
    await say(ada, "Two, @mei")
    await expect(room).to_contain_text("1 mention", timeout=LIVE)
    chat = other_tab.get_by_role("navigation", name="Organisation", exact=True).get_by_role("link", name="Chat")
    await expect(chat).to_contain_text("1 mention", timeout=LIVE)

    await room.click()
    await expect(mei.get_by_text("Unread from here")).to_be_visible(timeout=SOON)
    await expect(said(mei, "Two, @mei").locator("[data-mine]")).to_have_text("@mei")
    await expect(chat).not_to_contain_text("mention", timeout=LIVE)


async def test_what_is_typed_survives_a_reload_and_what_could_not_be_sent_is_said(people: People):
    ada = await make_room(people, "Kept words")
    await field(ada).fill("Half a thought")
    await ada.reload()
    await ready(ada)
    await expect(field(ada)).to_have_value("Half a thought")
    await ada.evaluate("document.getElementById('composer').setRangeText('x'.repeat(4001))")
    await field(ada).press("Enter")
    alert = ada.get_by_role("log").get_by_role("alert")
    await expect(alert).to_contain_text("should be at most 4000 character(s)", timeout=LIVE)
    await ada.get_by_role("button", name="Edit").click()
    await expect(field(ada)).to_have_value(re.compile("x{4001}"))
    await expect(field(ada)).to_be_focused()
    await field(ada).press("Enter")
    await ada.get_by_role("button", name="Discard").click()
    await expect(alert).to_have_count(0)
    await expect(field(ada)).to_be_focused()


async def test_a_room_that_is_deleted_while_it_is_read_says_so_and_keeps_what_was_said(people: People):
    ada = await make_room(people, "Soon gone")
    await say(ada, "Last words")
    mei = await people.visit(ada.url, "Mei Tanaka")
    await expect(said(mei, "Last words")).to_be_visible(timeout=SOON)

    await ada.get_by_role("button", name="This room").click()
    await ada.get_by_role("link", name="Delete this room").click()
    await ada.get_by_role("dialog").get_by_role("button", name="Delete room").click()

    await expect(ada).to_have_url(re.compile("/o/demo/chat$"), timeout=SOON)
    await expect(mei.get_by_text("This room was deleted, or is not open to you any more.")).to_be_visible(timeout=LIVE)
    await expect(said(mei, "Last words")).to_be_visible()
    await expect(field(mei)).to_have_count(0)
