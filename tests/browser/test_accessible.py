"""Every page for everybody: nothing that axe finds, nothing that needs a mouse."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import SOON, People, Scheme, focus_on, ready

PAGES = {
    "/": "",
    "/log-in": "",
    "/log-in/some-link": "",
    "/register": "",
    "/confirm": "",
    "/confirm/some-link": "",
    "/reset": "",
    "/reset/some-link": "",
    "/o/demo": "Ada Okafor",
    "/o/demo/posts?status=all&tag=postgres": "Ada Okafor",
    "/o/demo/posts": "",
    "/o/demo/posts?q=nothing-like-it": "",
    "/o/demo/tags": "",
    "/o/demo/search?q=post": "",
    "/o/demo/write": "Ada Okafor",
    "/o/demo/import": "Ada Okafor",
    "/o/demo/chat": "Ada Okafor",
    "/o/demo/chat#new": "Ada Okafor",
    "/o/demo/chat/general": "Ada Okafor",
    "/o/demo/chat/moderators#members": "Ada Okafor",
    "/o/demo/chat/drafts-and-edits": "",
    "/o/demo/people": "Ada Okafor",
    "/o/demo/people?q=nobody-like-it": "Yusuf Haddad",
    "/o/demo/people#invite": "Ada Okafor",
    "/o/demo/people?show=invited": "Ada Okafor",
    "/o/demo/settings": "Ada Okafor",
    "/o/demo/settings#delete": "Ada Okafor",
    "/organizations/new": "Yusuf Haddad",
    "/settings": "Ada Okafor",
    "/settings/account": "Ada Okafor",
    "/settings/sessions": "Ada Okafor",
    "/settings/api-keys": "Ada Okafor",
    "/settings/data": "Ada Okafor",
    "/settings/notifications": "Ada Okafor",
    "/nowhere/at/all": "",
}
LOOKS: list[tuple[int, Scheme]] = [(390, "dark"), (390, "light"), (768, "light"), (1280, "light"), (1280, "dark")]
BETWEEN = [320, 640, 1024]  # 640 is a window of 1280 at 200 %


# Nothing moves any more: a colour that is half faded in has not its contrast yet.
STILL = """new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))
    .then(() => Promise.allSettled(document.getAnimations().map(animation => animation.finished)))"""


async def violations(page: Page) -> list[str]:
    """What axe finds wrong, and anything that is wider than the window, in every look of the page."""
    found: list[str] = []
    for width, scheme in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await expect(page.locator("html")).to_have_class(scheme)  # a script does that, a moment later
        await page.evaluate(STILL)
        found += [
            f"{width} {scheme} {violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
            for violation in await _found_by_axe(page)
            for node in violation["nodes"]
        ]
        found += await _too_wide(page, width)
    for width in BETWEEN:
        await page.set_viewport_size({"width": width, "height": 900})
        found += await _too_wide(page, width)
    return found


async def _found_by_axe(page: Page) -> list[dict[str, Any]]:
    if not await page.evaluate("'axe' in window"):  # it is half a megabyte: once for each page
        await page.evaluate(Axe().axe_script)
    return await page.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")


async def _too_wide(page: Page, width: int) -> list[str]:
    is_wider = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [f"{width}: the page is wider than the window"] if is_wider else []


@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_on_a_page_in_any_look(people: People, path: str):
    page = await people.visit(path, PAGES[path])
    assert await violations(page) == []


async def test_who_wants_no_motion_sees_colours_change_at_once(people: People):
    page = await people.visit("/o/demo/chat", "Ada Okafor")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await expect(page.locator("html")).to_have_class("light")
    await page.evaluate(STILL)
    moving = """new Promise(seen => {
        document.documentElement.className = "dark";
        requestAnimationFrame(() => requestAnimationFrame(() => seen(document.getAnimations().length)));
    })"""
    assert await page.evaluate(moving) == 0


async def test_axe_finds_nothing_on_a_post_with_a_conversation_its_form_and_dialog(people: People):
    page = await people.visit("/o/demo/posts", "Ada Okafor")
    await page.get_by_role("heading", level=2).first.get_by_role("link").click()
    await ready(page)
    await page.get_by_label("Your comment").fill("A word.")
    await page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.get_by_role("article").filter(has_text="A word.").last
    await comment.get_by_role("button", name="Reply").click()
    await expect(page.get_by_label("Your reply")).to_be_visible(timeout=SOON)
    assert await violations(page) == []

    await page.goto(f"{page.url.partition('#')[0]}/edit")
    await ready(page)
    await page.get_by_label("Title", exact=True).fill("")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("can't be blank")).to_be_visible(timeout=SOON)
    assert await violations(page) == []

    await page.goto(f"{page.url.removesuffix('/edit')}#delete")
    await ready(page)
    await expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
    assert await violations(page) == []


async def test_nothing_is_wider_than_a_phone_whatever_it_is_called(people: People):
    page = await people.visit("/o/demo/write", "Ada Okafor", width=320)
    await page.get_by_label("Title", exact=True).fill("Unbreakable" * 10)
    await page.get_by_role("textbox", name="Text").fill("`" + "x" * 90 + "` and https://example.org/" + "path/" * 30)
    await page.get_by_label("Tags").fill("x" * 50 + ", a tag of many words that goes on")
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("heading", level=1, name="Unbreakable")).to_be_visible(timeout=SOON)
    here = page.url
    for path in (here, "/o/demo/posts", "/o/demo", "/", "/o/demo/tags"):
        await page.goto(path)
        await ready(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path


@pytest.mark.parametrize("path", PAGES)
async def test_there_is_one_h1_and_no_heading_level_is_skipped(people: People, path: str):
    page = await people.visit(path, PAGES[path])
    levels = await page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(each => Number(each.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


async def test_a_post_is_written_commented_and_deleted_without_a_mouse(people: People):
    page = await people.visit("/o/demo/posts", "Ada Okafor")
    await page.keyboard.press("n")
    title = page.get_by_label("Title", exact=True)
    await expect(title).to_be_focused(timeout=SOON)
    await page.keyboard.type("By keyboard")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Typed without touching a mouse.")
    await focus_on(page, page.get_by_role("button", name="Publish", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="By keyboard")).to_be_visible(timeout=SOON)

    await focus_on(page, page.get_by_label("Your comment"))
    await page.keyboard.type("Said by keyboard.")
    await focus_on(page, page.get_by_role("button", name="Comment", exact=True))
    await page.keyboard.press("Enter")
    comment = page.get_by_role("article").filter(has_text="Said by keyboard.").last
    await expect(comment).to_be_focused(timeout=SOON)

    delete = page.get_by_role("link", name="Delete")
    await focus_on(page, delete, "Shift+Tab")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete this post?")
    await expect(dialog).to_be_visible(timeout=SOON)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0, timeout=SOON)
    await expect(delete).to_be_focused()
    await page.keyboard.press("Enter")
    await focus_on(page, dialog.get_by_role("button", name="Delete post"))
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{people.url}/o/demo/posts", timeout=SOON)
