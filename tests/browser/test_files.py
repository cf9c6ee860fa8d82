"""Files in a browser: covers and attachments of a post, and the picture of oneself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import LIVE, SOON, People, focus_on, ready
from tests.browser.test_accessible import violations
from tests.factories.files import PDF, SVG, picture, quartered

TEXT = "A text that is long enough to be published."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files to choose from."""
    (tmp_path / "sea.jpg").write_bytes(picture("JPEG", (1600, 800)))
    (tmp_path / "hills.png").write_bytes(picture("PNG", (800, 600), color="olive"))
    (tmp_path / "minutes.pdf").write_bytes(PDF)
    (tmp_path / "large.pdf").write_bytes(PDF + bytes(2 << 20))
    (tmp_path / "too large.pdf").write_bytes(PDF + bytes(20 << 20))
    (tmp_path / "holiday.png").write_bytes(SVG)
    (tmp_path / "face.jpg").write_bytes(quartered("JPEG", quality=95))
    return tmp_path


def cover(page: Page) -> Locator:
    return page.locator("#post-cover")


def attachments(page: Page) -> Locator:
    return page.get_by_label("Attachments")


async def begun(people: People, title: str) -> Page:
    """A post whose words are written."""
    page = await people.visit("/o/demo/write", "Ada Okafor")
    await page.get_by_label("Title", exact=True).fill(title)
    await page.get_by_role("textbox", name="Text").fill(TEXT)
    return page


async def published(page: Page, title: str) -> None:
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=SOON)


async def is_drawn(image: Locator) -> bool:
    return await image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


async def test_a_post_is_published_with_a_cover_and_files_and_readers_see_them_live(people: People, folder: Path):
    reader = await people.visit("/o/demo/posts")
    page = await begun(people, "A calm sea")
    await cover(page).set_input_files(folder / "sea.jpg")
    await expect(page.locator("form img")).to_be_visible(timeout=SOON)
    await page.get_by_label("The cover in words").fill("The sea at noon")
    await attachments(page).set_input_files([folder / "minutes.pdf", folder / "hills.png"])
    await expect(page.get_by_role("link", name="hills.png")).to_be_visible(timeout=SOON)
    assert await violations(page) == []
    await published(page, "A calm sea")

    shown = page.get_by_role("img", name="The sea at noon")
    assert await is_drawn(shown)
    assert await violations(page) == []
    row = reader.get_by_role("article").filter(has_text="A calm sea")
    await expect(row).to_be_visible(timeout=LIVE)
    assert await is_drawn(row.locator("img[src*='/covers/']"))
    await row.get_by_role("link", name="A calm sea").click()
    async with reader.expect_download() as download:
        await reader.get_by_role("link", name="minutes.pdf").click()
    assert Path(await (await download.value).path()).read_bytes() == PDF

    await page.get_by_role("link", name="Edit").click()
    await ready(page)
    await page.get_by_role("button", name="Remove: sea.webp").click()
    await expect(page.get_by_label("The cover in words")).to_be_hidden()
    await page.get_by_role("button", name="Remove: minutes.pdf").click()
    await page.get_by_role("button", name="Save changes").click()
    await expect(reader.get_by_role("img", name="The sea at noon")).to_have_count(0, timeout=SOON)
    await expect(reader.get_by_role("link", name="minutes.pdf")).to_have_count(0)
    await expect(reader.get_by_role("link", name="hills.png")).to_be_visible()


async def test_what_is_refused_is_said_at_its_field_and_the_rest_is_taken(people: People, folder: Path):
    page = await begun(people, "Refused")
    await attachments(page).set_input_files([folder / "holiday.png", folder / "too large.pdf", folder / "minutes.pdf"])

    await expect(page.get_by_text("holiday.png: You have selected an unacceptable file type")).to_be_visible(
        timeout=SOON
    )
    await expect(page.get_by_text("too large.pdf: too large")).to_be_visible()
    await expect(page.get_by_role("link", name="minutes.pdf")).to_be_visible(timeout=SOON)
    await expect(attachments(page)).to_have_attribute("aria-invalid", "true")
    assert await violations(page) == []


async def test_progress_is_shown_publishing_waits_for_it_and_it_can_be_stopped(people: People, folder: Path):
    page = await begun(people, "Waits for its file")
    wire = await page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    await wire.send("Network.emulateNetworkConditions", slow)
    await attachments(page).set_input_files(folder / "large.pdf")
    bar = page.get_by_role("progressbar", name="Upload: large.pdf")
    await expect(bar).to_be_visible(timeout=SOON)
    await expect(page.get_by_text("%")).not_to_have_text("0 %", timeout=SOON)

    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.locator("[data-busy]")).to_be_focused()
    await page.get_by_role("button", name="Cancel", exact=True).click()

    await expect(bar).to_have_count(0)
    await expect(page.get_by_role("link", name="large.pdf")).to_have_count(0)
    await published(page, "Waits for its file")


async def loaded_anew(people: People, title: str, folder: Path) -> Page:
    """A post that is not saved, with a cover and an attachment, after a reload."""
    page = await begun(people, title)
    await cover(page).set_input_files(folder / "hills.png")
    await attachments(page).set_input_files(folder / "minutes.pdf")
    await expect(page.get_by_role("link", name="minutes.pdf")).to_be_visible(timeout=SOON)
    await expect(page.locator("form img[src*='/covers/']")).to_be_visible(timeout=SOON)
    await page.reload()
    await ready(page)
    return page


async def test_files_of_an_unsaved_post_survive_a_reload(people: People, folder: Path):
    page = await loaded_anew(people, "Kept with its files", folder)
    await expect(page.get_by_role("link", name="minutes.pdf")).to_be_visible(timeout=SOON)
    assert await is_drawn(page.locator("form img"))
    await published(page, "Kept with its files")
    assert await is_drawn(page.locator("article img[src*='/covers/']"))


async def test_files_of_a_draft_that_is_discarded_are_shown_no_more(people: People, folder: Path):
    page = await loaded_anew(people, "Thrown away with its files", folder)

    await page.get_by_role("button", name="Discard it").click()

    await expect(page.get_by_role("link", name="minutes.pdf")).to_have_count(0)
    await expect(page.locator("form img")).to_have_count(0)


async def test_a_picture_of_oneself_is_cut_with_the_keyboard_shown_everywhere_and_removed(people: People, folder: Path):
    page = await people.visit("/settings", "Ada Okafor")
    await page.get_by_label("Another picture").set_input_files(folder / "face.jpg")
    window = page.get_by_role("application", name="The part of the picture that is shown")
    await expect(window).to_be_focused(timeout=SOON)
    for _ in range(8):
        await page.keyboard.press("+")
    for key in ("ArrowLeft", "ArrowUp"):
        for _ in range(40):
            await page.keyboard.press(key)
    middle = "canvas => [...canvas.getContext('2d').getImageData(128, 128, 1, 1).data].map(part => part > 128)"
    assert await window.evaluate(middle) == [True, False, False, True]  # the red quarter, above left
    assert await violations(page) == []
    await focus_on(page, page.get_by_role("button", name="Save picture"))
    await page.keyboard.press("Enter")

    remove = page.get_by_role("button", name="Remove picture")
    await expect(remove).to_be_visible(timeout=SOON)
    face = page.locator("header img[src^='/avatars/']")
    assert await is_drawn(face)
    assert await violations(page) == []
    reader = await people.visit("/o/demo/posts")
    assert await is_drawn(reader.locator("article img[src^='/avatars/']").first)

    await remove.click()
    await expect(face).to_have_count(0, timeout=SOON)


async def test_what_is_no_picture_is_refused_before_it_is_sent(people: People, folder: Path):
    page = await people.visit("/settings", "Ada Okafor")
    field = page.get_by_label("Another picture")
    await field.set_input_files(folder / "holiday.png")
    await expect(page.get_by_text("You have selected an unacceptable file type")).to_be_visible(timeout=SOON)
    await expect(field).to_be_focused()
    await field.set_input_files(folder / "too large.pdf")
    await expect(page.get_by_text("too large")).to_be_visible()
