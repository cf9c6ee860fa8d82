"""What a page shows stands in its address: reload, Back and a sent link show the same."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import LIVE, SOON, People
from tests.browser.test_live_pages import write
from tests.browser.test_streams import titles


async def test_filters_survive_reload_and_back(people: People):
    page = await people.visit("/o/demo/posts")
    field = page.get_by_label("Filter posts by their words")
    others = titles(page).filter(has_not_text=re.compile("soup", re.IGNORECASE))
    await expect(others.first).to_be_visible()

    await field.press_sequentially("soup")
    await expect(page).to_have_url(re.compile(r"q=soup"), timeout=SOON)
    await expect(others).to_have_count(0, timeout=SOON)
    found = await titles(page).all_inner_texts()
    assert "Soup theory" in found

    await page.reload()
    await expect(titles(page)).to_have_text(found, timeout=SOON)
    await expect(field).to_have_value("soup")

    await titles(page).first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name=found[0])).to_be_visible(timeout=SOON)
    await page.go_back()
    await expect(titles(page)).to_have_text(found, timeout=SOON)
    await expect(field).to_have_value("soup")


async def test_a_choice_survives_reload_though_its_options_come_later(people: People):
    page = await people.visit("/o/demo/posts")
    author = page.locator("#filter-author")
    await page.get_by_text("Filters", exact=True).click()
    await expect(author.locator("option", has_text="Ada Okafor")).to_be_attached(timeout=SOON)
    await author.select_option(label="Ada Okafor")
    await expect(page).to_have_url(re.compile(r"author=ada"), timeout=SOON)

    await page.reload()
    await expect(author.locator("option:checked")).to_have_text("Ada Okafor", timeout=SOON)
    await page.get_by_label("Filter posts by their words").fill("soup")
    await expect(page).to_have_url(re.compile(r"q=soup"), timeout=SOON)
    assert "author=ada" in page.url

    await page.goto(page.url.replace("author=ada", "author=nobody"))
    await expect(author.locator("option:checked")).to_have_text("@nobody", timeout=SOON)
    await page.get_by_text("Filters", exact=True).click()
    await author.select_option(label="Anybody")
    await expect(page).not_to_have_url(re.compile(r"author="), timeout=SOON)


async def test_typing_on_is_not_disturbed_by_older_answers(people: People):
    page = await people.visit("/o/demo/posts")
    field = page.get_by_label("Filter posts by their words")

    await field.press_sequentially("soup and something that is nowhere", delay=40)

    await expect(page.get_by_text("No post fits these filters")).to_be_visible(timeout=SOON)
    await expect(field).to_have_value("soup and something that is nowhere")
    await expect(field).to_be_focused()


async def test_a_dialog_survives_reload_and_closes_with_back(people: People):
    page = await people.visit("/o/demo/posts", "Ada Okafor")
    await page.get_by_role("heading", level=2).first.get_by_role("link").click()
    await page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this post?")
    await expect(dialog).to_be_visible(timeout=SOON)

    await page.reload()
    await expect(dialog).to_be_visible(timeout=SOON)

    await page.go_back()
    await expect(dialog).to_have_count(0, timeout=SOON)


async def test_a_hash_that_is_no_quoted_text_is_no_trouble(people: People):
    page = await people.visit("/o/demo/posts#100%")
    await expect(page.get_by_role("heading", level=1, name="Posts")).to_be_visible(timeout=SOON)
    assert people.complaints == []


async def test_a_search_is_answered_while_one_types_and_can_be_sent_on(people: People):
    page = await people.visit("/o/demo/search")
    await page.get_by_role("searchbox", name="Search posts").press_sequentially("post")
    await expect(page.locator("mark").first).to_be_visible(timeout=SOON)
    await expect(page).to_have_url(re.compile("q=post"))

    other = await people.visit(page.url)
    await expect(other.get_by_role("searchbox", name="Search posts")).to_have_value("post")
    await expect(other.locator("mark").first).to_be_visible(timeout=SOON)


async def test_a_search_is_live_and_keeps_its_answers_until_the_next_are_there(people: People):
    page = await people.visit("/o/demo/search?q=something+or+order+or+next")
    field = page.get_by_role("searchbox", name="Search posts")
    hits = page.locator("#found [data-row]")
    await expect(hits.nth(5)).to_be_attached(timeout=SOON)
    await expect(page.get_by_text("No more posts")).to_be_attached()
    count = await hits.count()
    await expect(page.get_by_role("status").filter(has_text=f"{count} posts found")).to_be_attached(timeout=SOON)

    await page.evaluate("""() => {
        window.seen = [];
        const look = () => window.seen.push(document.querySelectorAll("#found [data-row]").length);
        new MutationObserver(look).observe(document.querySelector("main"), { childList: true, subtree: true });
    }""")
    await field.fill("soup")
    await expect(hits.first.locator("mark").first).to_have_text(re.compile("soup", re.IGNORECASE), timeout=SOON)
    assert 0 not in await page.evaluate("window.seen")
    await expect(field).to_be_focused()
    before = await hits.count()

    writer = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(writer, "Soup soup soup")
    await expect(hits.first).to_contain_text("Soup soup soup", timeout=LIVE)
    await expect(page.get_by_role("status").filter(has_text=f"{before + 1} posts found")).to_be_attached(timeout=SOON)

    await hits.first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name="Soup soup soup")).to_be_visible(timeout=SOON)
    await page.go_back()
    await expect(hits).to_have_count(before + 1, timeout=SOON)
    await expect(field).to_have_value("soup")


async def test_typing_on_in_a_search_ends_at_the_last_words(people: People):
    page = await people.visit("/o/demo/search")
    field = page.get_by_role("searchbox", name="Search posts")

    await field.press_sequentially("soup and something that is nowhere", delay=40)

    await expect(page.get_by_text("Nothing found for “soup and something that is nowhere”")).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("status").filter(has_text="0 posts found")).to_be_attached(timeout=SOON)
    await expect(field).to_be_focused()
    await field.fill("")
    await expect(page.get_by_text("The beginning of a word is enough.")).to_be_visible(timeout=SOON)
    await expect(page.locator("#found")).to_have_count(0)
