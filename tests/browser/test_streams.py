"""Lists that the browser keeps: posts, tags and comments."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import LIVE, SOON, People, ready, top_of
from tests.browser.test_live_pages import write
from tests.browser.wires import Wire

NOTICED_LATE = """
window.IntersectionObserver = class extends IntersectionObserver {
  constructor(tell, options) {
    super((entries, self) => setTimeout(() => {
      tell(entries, self);
      console.log(entries.every(({ isIntersecting }) => isIntersecting) ? "in sight" : "out of sight");
    }, 1000), options);
  }
};
"""


def titles(page: Page):
    """Of the posts in a list, whatever their level on its page."""
    return page.locator("#posts [data-row]").get_by_role("heading")


def row(page: Page, title: str):
    return page.locator("#posts [data-row]").get_by_role("heading", name=title, exact=True)


async def test_a_published_post_comes_in_changes_and_goes_without_a_reload(people: People):
    reader = await people.visit("/")
    await expect(titles(reader).first).to_be_visible(timeout=SOON)
    writer = await people.visit("/o/demo/posts", "Ada Okafor")

    await write(writer, "Into the stream")
    await expect(titles(reader).first).to_have_text("Into the stream", timeout=LIVE)
    await expect(reader.locator("p[aria-live]").filter(has_text="New post: Into the stream")).to_be_attached()

    await writer.get_by_role("link", name="Edit").click()
    await writer.get_by_label("Title", exact=True).fill("Changed in the stream")
    await writer.get_by_role("button", name="Save changes").click()
    await expect(row(reader, "Changed in the stream")).to_be_visible(timeout=LIVE)
    await expect(row(reader, "Into the stream")).to_have_count(0)

    await expect(writer.get_by_role("heading", level=1, name="Changed in the stream")).to_be_visible()
    await writer.get_by_role("link", name="Delete").click()
    await writer.get_by_role("dialog").get_by_role("button", name="Delete post").click()
    await expect(row(reader, "Changed in the stream")).to_have_count(0, timeout=LIVE)


async def test_older_posts_come_as_their_reader_does(people: People):
    reader = await people.visit("/", height=500)
    await expect(titles(reader)).to_have_count(20, timeout=SOON)

    await titles(reader).nth(19).scroll_into_view_if_needed()

    await expect(titles(reader).nth(20)).to_be_attached(timeout=SOON)
    words = await titles(reader).all_inner_texts()
    assert len(words) == len(set(words))


async def test_no_older_posts_are_asked_for_on_late_notice_of_an_end_that_was_near_before(people: People):
    reader = await people.visit("/notifications", height=500)
    await reader.add_init_script(NOTICED_LATE)
    async with reader.expect_console_message(lambda message: message.text == "out of sight", timeout=SOON):
        await reader.goto("/")

    await expect(titles(reader)).to_have_count(20, timeout=SOON)


@pytest.mark.parametrize("path", ["/", "/o/demo/posts"])
async def test_a_post_above_is_counted_and_moves_nothing_that_is_read(people: People, path: str):
    reader = await people.visit(path, height=600)
    await titles(reader).nth(12).get_by_role("link").focus()
    read = row(reader, await titles(reader).nth(12).inner_text())
    before = await top_of(read)
    writer = await people.visit("/o/demo/posts", "Ada Okafor")

    await write(writer, f"Above the reader of {path}")

    pill = reader.get_by_role("button", name="1 new post")
    await expect(pill).to_be_visible(timeout=LIVE)
    assert abs(await top_of(read) - before) <= 1
    await expect(read.get_by_role("link")).to_be_focused()

    await pill.click()
    await expect(row(reader, f"Above the reader of {path}")).to_be_in_viewport(timeout=SOON)
    await expect(pill).to_have_count(0)


async def test_a_tag_comes_in_by_its_name_with_the_first_post_under_it(people: People):
    reader = await people.visit("/o/demo/tags")
    tags = reader.locator("#tags").get_by_role("link")
    await expect(tags.first).to_be_visible(timeout=SOON)
    writer = await people.visit("/o/demo/posts", "Ada Okafor")

    await write(writer, "Under a new tag", tags="Aardvarks")

    await expect(tags.filter(has_text="Aardvarks")).to_contain_text("1 post", timeout=LIVE)
    names = [(await tag.locator("span").first.inner_text()).lower() for tag in await tags.all()]
    assert names == sorted(names)


async def test_what_was_missed_while_the_connection_was_lost_comes_with_it(people: People):
    wire = Wire()
    reader = await people.visit("/", wire=wire)
    await expect(titles(reader).first).to_be_visible(timeout=SOON)
    await wire.cut()
    await expect(reader.locator(".live-dot")).to_have_attribute("data-state", "reconnecting")
    writer = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(writer, "Written meanwhile")
    wire.mend()
    await ready(reader)
    await expect(titles(reader).first).to_have_text("Written meanwhile", timeout=SOON)


async def test_going_back_finds_the_list_where_it_was_left(people: People):
    reader = await people.visit("/", height=500)
    await expect(titles(reader)).to_have_count(20, timeout=SOON)
    await titles(reader).nth(19).scroll_into_view_if_needed()
    await expect(titles(reader).nth(25)).to_be_attached(timeout=SOON)
    await titles(reader).nth(24).scroll_into_view_if_needed()
    name = await titles(reader).nth(24).inner_text()
    before = await top_of(row(reader, name))
    await row(reader, name).get_by_role("link").click()
    await expect(reader.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=SOON)

    await reader.go_back()

    await expect(row(reader, name)).to_be_in_viewport(timeout=SOON)
    async with asyncio.timeout(SOON / 1000):  # the browser may be on its way there
        while abs(await top_of(row(reader, name)) - before) > 2:
            await reader.wait_for_timeout(100)


async def test_a_list_that_is_filtered_is_live_and_follows_what_is_typed(people: People):
    reader = await people.visit("/o/demo/posts")
    field = reader.get_by_role("searchbox", name="Filter posts by their words")
    await field.press_sequentially("wombat")
    await expect(reader.get_by_text("No post fits these filters")).to_be_visible(timeout=SOON)
    await expect(field).to_be_focused()

    writer = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(writer, "Nothing of interest")
    await write(writer, "On the wombat")
    await expect(titles(reader)).to_have_text(["On the wombat"], timeout=LIVE)

    await reader.reload()
    await ready(reader)
    await expect(titles(reader)).to_have_text(["On the wombat"], timeout=SOON)
    await reader.get_by_role("searchbox", name="Filter posts by their words").fill("")
    await expect(titles(reader).nth(10)).to_be_attached(timeout=SOON)


async def test_the_rows_stay_until_those_of_another_filter_are_there(people: People):
    reader = await people.visit("/o/demo/posts")
    newest = await titles(reader).first.inner_text()
    await reader.evaluate("""() => {
        window.seen = [];
        const look = () => window.seen.push(document.querySelectorAll("#posts [data-row]").length);
        new MutationObserver(look).observe(document.querySelector("main"), { childList: true, subtree: true });
    }""")
    await reader.get_by_label("Order").select_option(label="Oldest first")
    await expect(reader).to_have_url(re.compile("sort=oldest"))
    await expect(titles(reader).first).not_to_have_text(newest, timeout=SOON)
    assert 0 not in await reader.evaluate("window.seen")


async def test_a_comment_that_could_not_be_sent_says_so_and_is_there_once(people: People):
    wire = Wire()
    page = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Ada Okafor", wire=wire)
    comments = page.locator("#conversation [data-row]")
    await expect(comments.first).to_be_visible(timeout=SOON)
    await page.get_by_label("Your comment").fill("Said into the dark")
    wire.hold()
    await page.get_by_role("button", name="Comment", exact=True).click()

    mine = comments.filter(has_text="Said into the dark")
    await expect(mine).to_have_attribute("aria-busy", "true")
    await expect(page.get_by_label("Your comment")).to_have_value("")
    await expect(mine.get_by_text("This was not sent.")).to_be_visible(timeout=2 * SOON)
    await mine.get_by_role("button", name="Try again").click()
    await expect(mine).to_have_attribute("aria-busy", "true")
    wire.release()
    await expect(mine).to_have_attribute("aria-busy", "false", timeout=SOON)
    await expect(mine.get_by_role("button", name="Edit")).to_be_visible(timeout=SOON)

    reader = await people.visit("/o/demo/posts/in-praise-of-slow-software")
    await expect(reader.locator("#conversation [data-row]").filter(has_text="Said into the dark")).to_have_count(1)


async def test_a_comment_that_is_refused_stays_in_its_form(people: People):
    page = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Ada Okafor")
    form = page.locator("#comment-form")
    await form.get_by_role("button", name="Comment", exact=True).click()
    await expect(form.get_by_text("can't be blank")).to_be_visible(timeout=SOON)

    long = "word " * 3000
    await form.get_by_label("Your comment").fill(long)
    await form.get_by_role("button", name="Comment", exact=True).click()
    await expect(form.get_by_text("should be at most")).to_be_visible(timeout=SOON)
    await expect(form.get_by_label("Your comment")).to_have_value(long)
    await expect(page.locator("#conversation [aria-busy=true]")).to_have_count(0)


async def test_a_reply_stands_under_its_comment_and_has_the_focus(people: People):
    page = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Ada Okafor")
    rows = page.locator("#conversation [data-row]")
    await rows.first.get_by_role("button", name="Reply", exact=True).click()
    await page.get_by_label("Your reply").fill("Under the first")
    await page.locator("#reply-form").get_by_role("button", name="Reply").click()

    reply = page.get_by_role("article").filter(has_text="Under the first")
    await expect(reply).to_be_focused(timeout=SOON)
    await expect(page.get_by_label("Your reply")).to_have_count(0)
    words = await rows.all_inner_texts()
    place = next(number for number, text in enumerate(words) if "Under the first" in text)
    assert 0 < place < len(words) - 1


async def test_who_else_reads_a_post_is_seen_while_they_do(people: People):
    ada = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Ada Okafor")
    others = ada.get_by_role("button", name="1 reading too")
    await expect(others).to_have_count(0)
    jonas = await people.visit("/o/demo/posts/in-praise-of-slow-software", "Jonas Lindqvist")

    await others.click(timeout=SOON)
    await expect(ada.get_by_role("list", name="Reading now").get_by_text("Jonas Lindqvist")).to_be_visible()
    await expect(jonas.get_by_role("button", name="1 reading too")).to_be_visible(timeout=SOON)
    visitor = await people.visit("/o/demo/posts/in-praise-of-slow-software")
    await expect(visitor.get_by_role("button", name="reading too")).to_have_count(0)

    await jonas.get_by_role("link", name="Posts", exact=True).click()
    await expect(others).to_have_count(0, timeout=SOON)
