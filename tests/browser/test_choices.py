"""Fields that offer what is typed: with the keyboard alone, in every look, and without losing what is typed."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import SOON, People, focus_on, ready
from tests.browser.test_accessible import violations
from tests.browser.test_live_pages import write

MEMBERS = "/o/demo/chat/moderators#members"


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


def options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


async def is_said(page: Page, words: str) -> None:
    """What the field tells those who can't see its list."""
    await expect(page.locator(".combobox [role=status]").filter(has_text=words)).to_have_count(1, timeout=SOON)


async def marked(tags: Locator) -> str:
    """The option that Enter would take, as assistive technology is told."""
    return await tags.evaluate(
        "field => document.getElementById(field.getAttribute('aria-activedescendant'))?.innerText"
    )


async def test_tags_to_filter_by_are_found_and_chosen_with_the_keyboard_alone(people: People):
    page = await people.visit("/o/demo/posts")
    await focus_on(page, page.locator("summary").filter(has_text="Filters"))
    await page.keyboard.press("Enter")
    tags = field(page, "With tag")
    await focus_on(page, tags)
    await expect(tags).to_have_attribute("aria-expanded", "false")

    await page.keyboard.type("softw")
    await expect(options(page)).to_have_text(["software"], timeout=SOON)
    await expect(tags).to_have_attribute("aria-expanded", "true")
    await is_said(page, "1 suggestion")
    await page.keyboard.press("ArrowDown")
    assert await marked(tags) == "software"
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(f"{people.url}/o/demo/posts?tag=software", timeout=SOON)
    chips = page.get_by_role("list", name="Filters that are set")
    await expect(chips).to_contain_text("#software")
    await expect(tags).to_be_focused()
    await expect(tags).to_have_value("")

    await page.keyboard.type("SOFT")
    await expect(page.get_by_text("No tag is called so").first).to_be_visible(timeout=SOON)
    await page.keyboard.press("Enter")  # takes nothing, and sends no form
    await page.keyboard.press("Escape")
    await expect(tags).to_have_attribute("aria-expanded", "false")
    await expect(tags).to_be_focused()
    await expect(tags).to_have_value("SOFT")
    await expect(page).to_have_url(f"{people.url}/o/demo/posts?tag=software")

    await tags.fill("")
    await page.keyboard.press("ArrowUp")  # from none to the last
    await expect(options(page).first).to_be_visible(timeout=SOON)
    await page.keyboard.press("ArrowUp")
    assert await marked(tags) == await options(page).last.inner_text()


async def test_tags_of_a_post_are_completed_where_the_cursor_is_and_new_ones_are_typed(people: People):
    page = await people.visit("/o/demo/write", "Ada Okafor")
    await page.get_by_label("Title", exact=True).fill("With known and new tags")
    await page.get_by_role("textbox", name="Text").fill("A text that is long enough to be published.")
    tags = field(page, "Tags")
    await tags.press_sequentially("Brand new, soft")
    await expect(options(page)).to_have_text(["software"], timeout=SOON)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(tags).to_have_value("Brand new, software, ")
    await page.keyboard.type("soft")
    await is_said(page, "it is made when you save")  # the one there is stands in the field already
    await page.keyboard.press("Escape")
    await tags.fill("Brand new, ess, software")
    await tags.evaluate("field => field.setSelectionRange(14, 14)")
    await page.keyboard.press("ArrowDown")
    await options(page).filter(has_text="essays").click()
    await expect(tags).to_have_value("Brand new, essays, software")
    await expect(tags).to_be_focused()

    await page.reload()
    await ready(page)
    await expect(tags).to_have_value("Brand new, essays, software")  # a draft like any other field's
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("heading", level=1, name="With known and new tags")).to_be_visible(timeout=SOON)
    for name in ("Brand new", "essays", "software"):
        await expect(page.get_by_role("main").get_by_role("link", name=name, exact=True).first).to_be_visible()


async def test_a_post_is_given_away_with_the_keyboard_alone(people: People):
    page = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(page, "To be given away")
    give = page.get_by_role("link", name="Transfer")
    await focus_on(page, give)
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Give this post to another author")
    await expect(dialog).to_be_visible(timeout=SOON)
    author = field(page, "New author")
    await focus_on(page, author)

    await page.keyboard.type("nobody like that")
    await is_said(page, "Nobody is called so")
    await page.keyboard.press("Escape")  # closes the list, not the dialog
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("choose from the list")).to_be_visible(timeout=SOON)

    await author.fill("")
    await page.keyboard.type("mei")
    await expect(options(page)).to_have_count(1, timeout=SOON)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(author).to_have_value("Mei Tanaka")
    await expect(author).to_be_focused()
    await focus_on(page, dialog.get_by_role("button", name="Give away"))
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0, timeout=SOON)
    await expect(page.get_by_text("The post is Mei Tanaka’s now.")).to_be_visible(timeout=SOON)


async def test_a_name_that_was_typed_whole_is_as_good_as_chosen(people: People):
    page = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(page, "To be given to Priya")
    await page.get_by_role("link", name="Transfer").click()
    await field(page, "New author").press_sequentially("priya raman")
    await expect(options(page)).to_have_count(1, timeout=SOON)
    await page.keyboard.press("Tab")
    await page.get_by_role("button", name="Give away").click()
    await expect(page.get_by_text("The post is Priya Raman’s now.")).to_be_visible(timeout=SOON)


async def test_who_is_let_into_a_room_or_taken_out_of_it_is_seen_by_the_others(people: People):
    watcher = await people.visit(MEMBERS, "Mei Tanaka")
    admin = await people.visit(MEMBERS, "Ada Okafor")
    inside, seen = (page.get_by_role("region", name="In this room") for page in (admin, watcher))
    await expect(seen.get_by_text("Mei Tanaka", exact=True)).to_be_visible(timeout=SOON)
    await expect(field(watcher, "Let somebody in")).to_have_count(0)

    somebody = field(admin, "Let somebody in")
    await somebody.press_sequentially("clar")
    await options(admin).filter(has_text="Clara Whitfield").click()
    await admin.get_by_role("button", name="Let in").click()
    await expect(seen.get_by_text("Clara Whitfield", exact=True)).to_be_visible(timeout=SOON)
    await expect(seen.get_by_text("Clara Whitfield is in the room now")).to_have_count(1)
    await expect(somebody).to_be_focused(timeout=SOON)
    await expect(somebody).to_have_value("")
    await somebody.press_sequentially("clar")
    await is_said(admin, "Nobody else is called so")
    await admin.keyboard.press("Escape")

    await inside.get_by_role("button", name="Take Clara Whitfield out of the room").click()
    await expect(seen.get_by_text("Clara Whitfield", exact=True)).to_have_count(0, timeout=SOON)
    await expect(inside.get_by_text("Clara Whitfield", exact=True)).to_have_count(0, timeout=SOON)
    await expect(inside).to_be_focused(timeout=SOON)
    await somebody.fill("clara")
    await expect(options(admin)).to_have_count(1, timeout=SOON)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/o/demo/posts", "With tag"), ("/o/demo/write", "Tags"), (MEMBERS, "Let somebody in")],
    ids=["filter", "write", "members"],
)
async def test_axe_finds_nothing_while_a_list_is_open_and_it_stays_in_the_window(people: People, path: str, name: str):
    page = await people.visit(path, "Ada Okafor")
    if path == "/o/demo/posts":
        await page.locator("summary").filter(has_text="Filters").click()
    choice = field(page, name)
    await choice.click()
    await expect(options(page).first).to_be_visible(timeout=SOON)
    await page.keyboard.press("ArrowDown")
    assert await violations(page) == []
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 700})
        await choice.scroll_into_view_if_needed()
        await expect(options(page).first).to_be_in_viewport(ratio=1)
    await choice.fill("nothing is called like this")
    await expect(options(page)).to_have_count(0, timeout=SOON)
    assert await violations(page) == []
