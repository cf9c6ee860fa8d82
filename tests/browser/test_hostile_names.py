"""What people call themselves, and say of themselves, is shown as text wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import SOON, People, ready
from tests.browser.test_password_again import command, in_database

NAME = "<img src=x id=evil onerror=window.ran=1>"
BIO = f"</textarea>{NAME}"
FORMER = "Mei Tanaka"
PLACES = [
    "/",
    "/o/demo",
    "/o/demo/posts?author=mei",
    "/o/demo/people?q=mei",
    "/o/demo/chat/general",
    "/admin/users?q=mei",
]


async def call_oneself(page: Page, name: str, bio: str) -> None:
    await page.goto("/settings")
    await ready(page)
    main = page.get_by_role("main")
    await main.get_by_label("Name", exact=True).fill(name)
    await main.get_by_role("textbox", name=re.compile("^Bio")).fill(bio)
    await main.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("Saved.")).to_be_visible(timeout=SOON)


async def nothing_has_run(page: Page) -> None:
    await expect(page.locator("#evil")).to_have_count(0)
    assert await page.evaluate("window.ran") is None


@pytest.fixture
async def mei(people: People) -> AsyncGenerator[Page]:
    """She has another name for the time of the test."""
    page = await people.visit("/settings", FORMER)
    await call_oneself(page, NAME, BIO)
    yield page
    await call_oneself(page, FORMER, "")


async def test_a_name_is_text_wherever_it_is_shown(people: People, mei: Page) -> None:
    await command(people, "operator", "ada")
    ada = await people.visit("/", "Ada Okafor")
    for place in PLACES:
        await ada.goto(place)
        await ready(ada)
        await expect(ada.get_by_text(NAME).first).to_be_attached(timeout=SOON)
        await nothing_has_run(ada)
    for place in ("/o/demo/people?q=mei", "/admin/users?q=mei"):  # and in the dialogs that name her
        await ada.goto(place)
        await ready(ada)
        await ada.get_by_role("main").get_by_role("link", name=NAME).first.click()
        await expect(ada.get_by_role("dialog").get_by_text(NAME).first).to_be_visible(timeout=SOON)
        await nothing_has_run(ada)
    in_database(people.data_dir, "UPDATE users SET is_operator = false WHERE username = 'ada'")


async def test_so_is_what_one_says_of_oneself(mei: Page) -> None:
    await mei.reload()
    await ready(mei)
    await expect(mei.get_by_role("main").get_by_role("textbox", name=re.compile("^Bio"))).to_have_value(
        BIO, timeout=SOON
    )
    await expect(mei.get_by_role("banner").get_by_text(NAME).first).to_be_attached()
    await nothing_has_run(mei)
