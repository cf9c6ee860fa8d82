"""What surrounds every page: keys, focus, theme, the connection, and a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import SOON, People, ready

ADA = "Ada Okafor"


async def test_keys_go_everywhere(people: People):
    page = await people.visit("/o/demo", ADA)
    for keys, address in (("gt", "/o/demo/tags"), ("gp", "/o/demo/posts"), ("n", "/o/demo/write"), ("gh", "/")):
        if address == "/":  # from the form, whose first field has the focus as soon as it is drawn
            await expect(page.get_by_label("Title")).to_be_focused()
            await page.keyboard.press("Escape")
        for key in keys:
            await page.keyboard.press(key)
        await page.wait_for_url(f"**{address}")
        await ready(page)


async def test_keys_are_letters_where_one_types(people: People):
    page = await people.visit("/o/demo/posts", ADA)
    await expect(page.get_by_role("link", name="Import").first).to_be_visible()  # it is known who reads
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.type("n?gt")
    await expect(page.locator("#search")).to_have_value("n?gt")
    await expect(page).to_have_url(re.compile("/o/demo/posts$"))
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).not_to_be_focused()


async def test_the_list_of_keys_opens_over_the_page_and_gives_the_focus_back(people: People):
    page = await people.visit("/o/demo/posts")
    link = page.get_by_role("link", name="Tags").first
    await link.focus()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(link).to_be_focused()


async def test_the_first_tab_leads_past_the_navigation(people: People):
    page = await people.visit("/o/demo/posts")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()


async def test_after_a_link_the_keyboard_goes_on_in_the_new_page(people: People):
    page = await people.visit("/o/demo/posts")
    await page.get_by_role("link", name="Tags").first.click()
    await expect(page).to_have_title(re.compile("^Tags"))
    await expect(page.locator("#main")).to_be_focused()
    await expect(page.get_by_role("status").filter(has_text="Tags · MyApp")).to_have_count(1)


async def test_a_page_is_called_by_its_name_once_it_is_known(people: People):
    page = await people.visit("/o/demo/posts")
    link = page.get_by_role("heading", level=2).first.get_by_role("link")
    title = await link.inner_text()
    said = page.get_by_role("status").filter(has_text="MyApp")
    await link.click()
    await expect(said).to_have_count(1)
    assert await said.inner_text() == f"{title} · MyApp", "the first it says"


@pytest.mark.parametrize("path", ["/o/demo/posts/", "/o/demo/tags/caf%C3%A9", "/o/demo/tags/a b", "/Ü/%2F"])
async def test_no_address_keeps_a_page_busy_for_ever(people: People, path: str):
    await people.visit(path)  # which waits for a page that is not busy


async def test_the_chosen_theme_wins_over_the_systems_and_stays(people: People):
    page = await people.visit("/log-in", scheme="light")
    paper = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    await page.get_by_role("button", name="You and your settings").click()
    await page.get_by_role("button", name="Dark", exact=True).click()
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await page.reload()
    await ready(page)
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper


async def test_a_lost_connection_is_said_and_comes_back_by_itself(people: People):
    page = await people.visit("/o/demo/write", ADA)
    await page.get_by_label("Title", exact=True).fill("Written in a tunnel")
    await page.mouse.wheel(0, 2000)
    await page.context.set_offline(True)
    await expect(page.locator(".live-dot")).to_have_attribute("data-state", "offline")
    await expect(page.get_by_text("The connection is lost")).to_be_in_viewport(timeout=SOON)
    await page.get_by_label("Title", exact=True).press_sequentially(", and after")
    await page.context.set_offline(False)
    await ready(page)
    await expect(page.get_by_text("The connection is lost")).to_be_hidden()
    await expect(page.get_by_label("Title", exact=True)).to_have_value("Written in a tunnel, and after")


async def with_a_strict_policy(route: Route) -> None:
    """The page as a server would send it that allows no script but ours and no `eval`."""
    answer = await route.fetch()
    text = await answer.text()
    inline = [
        body
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
        if "src=" not in attributes
    ]
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in inline
    )
    policy = (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'self'"
    )
    await route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})


async def test_nothing_needs_eval_or_inline_code(people: People):
    page = await people.visit("/log-in", ADA)
    complaints: list[str] = []
    # Chromium takes an answer that comes from the test for one from the internet, which may not talk to this machine.
    await page.context.grant_permissions(["local-network-access"])
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.route(lambda url: "/assets/" not in url, with_a_strict_policy)
    await page.goto("/o/demo/write")
    await ready(page)
    await page.get_by_label("Title", exact=True).fill("x")
    await page.get_by_label("Text").fill("Some *words*")
    await page.get_by_role("button", name="Publish").click()  # refused by the server, and shown
    await expect(page.locator("main").get_by_role("alert").first).to_be_visible()
    await page.goto("/o/demo/posts#keys")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.unroute_all(behavior="wait")
    assert [text for text in complaints if "Content Security Policy" in text or "eval" in text] == []


async def test_hashed_files_are_fetched_once(people: People):
    page = await people.visit("/log-in")
    answers = await page.evaluate(
        """async () => {
            const names = performance.getEntriesByType("resource").map((each) => each.name);
            const files = names.filter((name) => name.includes("/assets/"));
            const answers = await Promise.all(files.map((name) => fetch(name)));
            return answers.map((answer) => answer.headers.get("cache-control"));
        }"""
    )
    assert answers
    assert set(answers) == {"public, max-age=31536000, immutable"}
