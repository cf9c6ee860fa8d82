"""The form in which posts are written: a preview, errors while typing, and nothing typed is lost."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import SOON, People, ready

TEXT = "A text that is long enough to be published."


async def test_the_preview_and_the_errors_follow_what_is_typed(people: People):
    page = await people.visit("/o/demo/write", "Ada Okafor")

    await page.get_by_role("textbox", name="Text").press_sequentially("# Soup\n\nStir *well*.")
    preview = page.get_by_role("region", name="Preview")
    await expect(preview.get_by_role("heading", name="Soup")).to_be_visible(timeout=SOON)
    await expect(preview.get_by_role("emphasis")).to_have_text("well")

    title = page.get_by_label("Title", exact=True)
    await title.press_sequentially("On")
    await expect(page.get_by_text("should be at least 3 character(s)")).to_be_visible(timeout=SOON)
    await title.press_sequentially(" soup")
    await expect(page.get_by_text("should be at least 3 character(s)")).to_have_count(0, timeout=SOON)


async def test_on_save_the_first_wrong_field_has_the_focus(people: People):
    page = await people.visit("/o/demo/write", "Ada Okafor")

    await page.get_by_role("button", name="Publish", exact=True).click()

    await expect(page.get_by_label("Title", exact=True)).to_be_focused(timeout=SOON)
    await expect(page.get_by_label("Title", exact=True)).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("can't be blank")).to_have_count(2)


async def test_what_was_typed_survives_a_reload_and_is_gone_once_it_is_saved(people: People):
    page = await people.visit("/o/demo/write", "Mei Tanaka")
    await page.get_by_label("Title", exact=True).fill("Half a thought")

    await page.reload()
    await ready(page)
    await expect(page.get_by_label("Title", exact=True)).to_have_value("Half a thought")
    await expect(page.get_by_text("What you had typed is back.")).to_be_visible()

    await page.get_by_role("textbox", name="Text").fill(TEXT)
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("heading", level=1, name="Half a thought")).to_be_visible(timeout=SOON)
    await page.goto("/o/demo/write")
    await ready(page)
    await expect(page.get_by_label("Title", exact=True)).to_have_value("")


async def test_what_nobody_came_back_to_for_a_month_is_forgotten(people: People):
    page = await people.visit("/o/demo/write", "Mei Tanaka")
    await page.get_by_label("Title", exact=True).fill("A thought of last month")
    aged = await page.evaluate(
        """() => Object.keys(localStorage).filter((key) => key.startsWith("draft:")).map((key) => {
            const draft = JSON.parse(localStorage.getItem(key));
            localStorage.setItem(key, JSON.stringify({ ...draft, at: draft.at - 31 * 24 * 60 * 60 * 1000 }));
            return draft.fields.title;
        })"""
    )
    assert aged == ["A thought of last month"]

    await page.reload()
    await ready(page)

    await expect(page.get_by_label("Title", exact=True)).to_have_value("")
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


async def test_a_post_is_scheduled_in_the_writers_own_time(people: People):
    page = await people.visit("/o/demo/write", "Ada Okafor")
    await page.get_by_label("Title", exact=True).fill("Later on")
    await page.get_by_role("textbox", name="Text").fill(TEXT)
    await page.get_by_label("Later").check()
    await page.get_by_label("Publish at").fill("2020-06-01T09:30")
    await expect(page.get_by_text("must be in the future")).to_be_visible(timeout=SOON)
    await page.get_by_label("Publish at").fill("2090-06-01T09:30")

    await page.get_by_role("button", name="Schedule").click()

    await expect(page.get_by_role("heading", level=1, name="Later on")).to_be_visible(timeout=SOON)
    await page.get_by_role("link", name="Edit").click()
    await expect(page.get_by_label("Publish at")).to_have_value("2090-06-01T09:30", timeout=SOON)


async def test_who_is_overtaken_chooses_whose_words_stay(people: People):
    first = await people.visit("/o/demo/write", "Ada Okafor")
    await first.get_by_label("Title", exact=True).fill("Written by two")
    await first.get_by_role("textbox", name="Text").fill(TEXT)
    await first.get_by_role("button", name="Publish", exact=True).click()
    await expect(first.get_by_role("heading", level=1, name="Written by two")).to_be_visible(timeout=SOON)
    address = f"{first.url}/edit"
    second = await people.visit(address, "Mei Tanaka")
    await first.goto(address)
    await ready(first)

    await first.get_by_role("textbox", name="Text").fill(f"{TEXT} Said first.")
    await first.get_by_role("button", name="Save changes").click()
    await expect(first.get_by_text("Said first.")).to_be_visible(timeout=SOON)
    await second.get_by_role("textbox", name="Text").fill(f"{TEXT} Said second.")
    await second.get_by_role("button", name="Save changes").click()

    notice = second.get_by_role("alert").filter(has_text="Somebody changed this post")
    await expect(notice).to_be_focused(timeout=SOON)
    await notice.get_by_text("See both").click()
    await expect(notice.get_by_role("deletion").filter(has_text="Said first.")).to_be_visible()
    await expect(notice.get_by_role("insertion").filter(has_text="Said second.")).to_be_visible()
    await notice.get_by_role("button", name="Keep mine").click()
    await expect(first.get_by_text("Said second.")).to_be_visible(timeout=SOON)


async def test_words_that_were_kept_while_somebody_else_saved_come_back_and_do_not_overwrite(people: People):
    first = await people.visit("/o/demo/write", "Ada Okafor")
    await first.get_by_label("Title", exact=True).fill("Kept meanwhile")
    await first.get_by_role("textbox", name="Text").fill(TEXT)
    await first.get_by_role("button", name="Publish", exact=True).click()
    await expect(first.get_by_role("heading", level=1, name="Kept meanwhile")).to_be_visible(timeout=SOON)
    second = await people.visit(f"{first.url}/edit", "Mei Tanaka")
    await second.get_by_role("textbox", name="Text").fill(f"{TEXT} Said second.")
    await first.get_by_role("link", name="Edit").click()
    await first.get_by_role("textbox", name="Text").fill(f"{TEXT} Said first.")
    await first.get_by_role("button", name="Save changes").click()
    await expect(first.get_by_text("Said first.")).to_be_visible(timeout=SOON)

    await second.reload()
    await ready(second)
    await expect(second.get_by_role("textbox", name="Text")).to_have_value(f"{TEXT} Said second.")
    await second.get_by_role("button", name="Save changes").click()

    await expect(second.get_by_text("Somebody changed this post while you were writing")).to_be_visible(timeout=SOON)
    await second.get_by_role("button", name="Take theirs").click()
    await expect(second.get_by_role("textbox", name="Text")).to_have_value(f"{TEXT} Said first.", timeout=SOON)
    await second.reload()
    await ready(second)
    await expect(second.get_by_role("textbox", name="Text")).to_have_value(f"{TEXT} Said first.")


WINTER = "/o/demo/posts/what-we-read-this-winter/edit"
WHOLE = re.compile(r"T\d\d:\d\d:\d\d\.\d{6}")  # the demonstration's posts appear at some moment, not on the minute


async def test_a_time_that_nobody_touched_stays_to_the_microsecond(people: People):
    page = await people.visit(WINTER, "Ada Okafor")
    shown = await page.get_by_label("Publish at").input_value()
    await expect(page.locator("[name=published_at]")).to_have_value(WHOLE)
    sent = await page.locator("[name=published_at]").input_value()
    await page.get_by_label("Summary").fill("Eleven books.")

    await page.get_by_role("button", name="Schedule").click()

    await expect(page.get_by_text("It is scheduled.")).to_be_visible(timeout=SOON)
    await page.get_by_role("link", name="Edit").click()
    await expect(page.get_by_label("Publish at")).to_have_value(shown, timeout=SOON)
    await expect(page.locator("[name=published_at]")).to_have_value(sent)


async def test_a_time_that_is_taken_back_is_the_one_that_was(people: People):
    page = await people.visit(WINTER, "Ada Okafor")
    shown = await page.get_by_label("Publish at").input_value()
    sent = await page.locator("[name=published_at]").input_value()
    await page.get_by_label("Publish at").fill("2090-06-01T09:30")
    await page.reload()
    await ready(page)
    await expect(page.get_by_label("Publish at")).to_have_value("2090-06-01T09:30")

    await page.get_by_role("button", name="Discard it").click()

    await expect(page.get_by_label("Publish at")).to_have_value(shown)
    await expect(page.locator("[name=published_at]")).to_have_value(sent)
    await page.get_by_label("Publish at").fill("2090-06-01T09:31")
    await expect(page.locator("[name=published_at]")).to_have_value(re.compile(r"^2090-0"))
    await page.get_by_label("Publish at").fill(shown)
    await expect(page.locator("[name=published_at]")).to_have_value(sent)


async def test_who_may_not_publish_a_post_changes_its_words_alone(people: People):
    page = await people.visit(WINTER, "Mei Tanaka")
    await expect(page.get_by_text("When do others see it?")).to_have_count(0)
    await page.get_by_label("Summary").fill("Eleven books, seven people.")

    await page.get_by_role("button", name="Save changes").click()

    await expect(page.get_by_text("It is scheduled.")).to_be_visible(timeout=SOON)
