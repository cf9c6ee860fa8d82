"""What one person does is seen by the others, in real browsers."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.conftest import LIVE, SOON, People, ready

TEXT = "A text that is long enough to be published."


async def write(page: Page, title: str, *, button: str = "Publish", tags: str = "") -> None:
    await page.goto("/o/demo/write")
    await ready(page)
    await page.get_by_label("Title", exact=True).fill(title)
    await page.get_by_role("textbox", name="Text").fill(TEXT)
    await page.locator("[name=tags]").fill(tags)
    await page.get_by_role("button", name=button, exact=True).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=SOON)


def row(page: Page, title: str):
    return page.get_by_role("heading", level=2, name=title, exact=True)


async def test_a_post_is_written_changed_and_deleted_before_another_readers_eyes(people: People):
    reader = await people.visit("/o/demo/posts")
    writer = await people.visit("/o/demo/posts", "Ada Okafor")

    await write(writer, "Seen by everybody")
    await expect(row(reader, "Seen by everybody")).to_be_visible(timeout=LIVE)

    await writer.get_by_role("link", name="Edit").click()
    await writer.get_by_label("Title", exact=True).fill("Seen and changed")
    await writer.get_by_role("button", name="Save changes").click()
    await expect(row(reader, "Seen and changed")).to_be_visible(timeout=LIVE)
    await expect(row(reader, "Seen by everybody")).to_have_count(0)

    await expect(writer.get_by_role("heading", level=1, name="Seen and changed")).to_be_visible()
    await writer.get_by_role("link", name="Delete").click()
    dialog = writer.get_by_role("dialog", name="Delete this post?")
    await expect(dialog).to_contain_text("Seen and changed")
    await dialog.get_by_role("button", name="Delete post").click()
    await expect(row(reader, "Seen and changed")).to_have_count(0, timeout=LIVE)
    await expect(writer.get_by_text("“Seen and changed” is deleted.")).to_be_visible()


async def test_a_draft_appears_for_others_when_it_is_published(people: People):
    reader = await people.visit("/o/demo/posts")
    writer = await people.visit("/o/demo/write", "Ada Okafor")
    await writer.get_by_label("Title", exact=True).fill("Kept back at first")
    await writer.get_by_role("textbox", name="Text").fill(TEXT)
    await writer.get_by_label("Not yet").check()
    await writer.get_by_role("button", name="Save draft").click()
    await expect(writer.get_by_role("heading", level=1, name="Kept back at first")).to_be_visible(timeout=SOON)
    await expect(row(reader, "Kept back at first")).to_have_count(0)

    await writer.get_by_role("button", name="Publish now").click()

    await expect(row(reader, "Kept back at first")).to_be_visible(timeout=LIVE)


async def test_a_comment_appears_for_everybody_who_reads_the_post(people: People):
    writer = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(writer, "Open to comments")
    reader = await people.visit(writer.url)

    await writer.get_by_label("Your comment").fill("Here is a **word** on it.")
    await writer.get_by_role("button", name="Comment", exact=True).click()

    await expect(reader.get_by_role("strong").filter(has_text="word")).to_be_visible(timeout=LIVE)
    await expect(reader.get_by_role("heading", name="1 comment")).to_be_visible()
    await expect(writer.get_by_label("Your comment")).to_have_value("")
    await writer.reload()
    await ready(writer)
    await expect(writer.get_by_label("Your comment")).to_have_value("")


async def test_a_post_that_is_deleted_while_it_is_read_stays_and_says_so(people: People):
    writer = await people.visit("/o/demo/posts", "Ada Okafor")
    await write(writer, "Soon to be gone")
    reader = await people.visit(writer.url)

    await writer.goto(f"{writer.url}#delete")
    await ready(writer)
    await writer.get_by_role("button", name="Delete post").click()

    await expect(reader.get_by_text("This post has just been deleted.")).to_be_visible(timeout=LIVE)
    await expect(reader.get_by_text(TEXT)).to_be_visible()
