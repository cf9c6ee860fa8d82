"""Posts that come in from elsewhere: by the page, and by another process."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import LIVE, SOON, People, command
from tests.browser.test_accessible import violations


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "old-site.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("one.md", "---\ntitle: Came by the page\n---\nA text that came from elsewhere.\n")
        written.writestr("two.md", "---\ntitle: Came along with it\n---\nAnother text from elsewhere.\n")
        written.writestr("notes.exe", b"not a post")
    return path


async def test_a_file_is_uploaded_and_what_came_of_it_is_said(people: People, archive: Path):
    page = await people.visit("/o/demo/import", "Ada Okafor")
    reader = await people.visit("/o/demo/posts")

    await page.get_by_label("File").set_input_files(archive)
    await page.get_by_role("button", name="Import", exact=True).click()

    entry = page.get_by_role("article").filter(has_text="old-site.zip")
    await expect(entry.get_by_text("Done")).to_be_visible(timeout=2 * SOON)
    await expect(entry.get_by_text("2 posts")).to_be_visible()
    await expect(reader.get_by_role("heading", level=2, name="Came by the page")).to_be_visible(timeout=LIVE)


async def test_a_file_that_is_no_export_is_refused_at_its_field(people: People, tmp_path: Path):
    page = await people.visit("/o/demo/import", "Ada Okafor")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))

    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_text("Choose a file first.")).to_be_visible()
    await expect(page.get_by_label("File")).to_be_focused()

    await page.get_by_label("File").set_input_files(picture)
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_text("This is neither a WordPress export")).to_be_visible(timeout=SOON)


async def test_all_posts_are_exported_while_two_tabs_look_and_downloaded(people: People):
    page = await people.visit("/o/demo/import", "Ada Okafor")
    other = await people.visit("/o/demo/import", "Ada Okafor")

    await page.get_by_role("button", name="Export all posts").click()

    for each in (page, other):
        await expect(each.get_by_role("link", name="Download")).to_be_visible(timeout=2 * SOON)
    assert await violations(page) == []
    async with other.expect_download() as download:
        await other.get_by_role("link", name="Download").click()
    await page.get_by_role("button", name="Notifications").first.click()
    await expect(page.get_by_text("Your export of The Common Room is ready")).to_be_visible(timeout=SOON)
    with zipfile.ZipFile(await (await download.value).path()) as written:
        assert len([name for name in written.namelist() if name.endswith(".md")]) >= 20


async def test_what_another_process_does_is_seen_in_an_open_tab(people: People, tmp_path: Path):
    reader = await people.visit("/o/demo/posts")
    source = tmp_path / "by-command.md"
    source.write_text("---\ntitle: Came by a command\n---\nA text that came from elsewhere.\n", encoding="utf-8")

    await command(people, "import", "markdown", str(source), "--org", "demo")

    await expect(reader.get_by_role("heading", level=2, name="Came by a command")).to_be_visible(timeout=LIVE)
