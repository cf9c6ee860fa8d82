"""An operator kills what runs, piece by piece, while others talk and read: it is back, and their pages go on."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.conftest import SOON, People, command, ready
from tests.browser.test_chat import make_room, said, say
from tests.browser.test_live_pages import row, write

CHILDREN = ["live/pubsub", "live/channels", "database", "live"]


async def kill(page: Page, path: str) -> None:
    """By hand, and wait until the page shows that it runs again."""
    name = path.rpartition("/")[2]
    line = page.get_by_role("table", name="Supervision tree").get_by_role("row")
    line = line.filter(has=page.get_by_role("link", name=name, exact=True))
    await line.get_by_role("link").click()
    await page.get_by_role("button", name=f"Kill {path}", exact=True).click()
    await expect(page.get_by_text(f"{path} is killed, and started anew.")).to_be_visible(timeout=SOON)
    await expect(line.get_by_role("cell").nth(3)).not_to_have_text("0", timeout=2 * SOON)
    await expect(line).to_contain_text("runs", timeout=2 * SOON)


async def test_who_talks_and_reads_goes_on_while_an_operator_kills_piece_after_piece(people: People):
    await command(people, "operator", "jonas")
    operator = await people.visit("/ops/processes", "Jonas Lindqvist")
    ada = await make_room(people, "Under fire")
    mei = await people.visit(ada.url, "Mei Tanaka")
    reader = await people.visit("/o/demo/posts", "Mei Tanaka")
    for page in (mei, reader):
        await page.evaluate("window.isTheSame = true")

    for number, path in enumerate(CHILDREN):
        await kill(operator, path)
        await say(ada, f"{number} pieces before this")
        await expect(said(mei, f"{number} pieces before this")).to_have_count(1, timeout=SOON)

    await say(mei, "Still here")
    await expect(said(ada, "Still here")).to_have_count(1, timeout=SOON)
    await write(ada, "Written after all that")
    await expect(row(reader, "Written after all that")).to_be_visible(timeout=SOON)
    for page in (mei, reader):
        assert await page.evaluate("window.isTheSame"), "the page was loaded anew"
        await ready(page)
