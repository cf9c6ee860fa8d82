"""The chat while its server is killed and comes back, and with thousands of messages."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser, Page, expect

from myapp.kit import embedded_postgres
from tests.browser import conftest
from tests.browser.conftest import SOON, People
from tests.browser.test_chat import field, said, say
from tests.serving import Served, clear_away

LONG = 5_000


class Fragile:
    """A server of our own, which a test may kill and start again at the same place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = Served(folder / "data").answers()

    def kill(self) -> None:
        self.server.stop(signal.SIGKILL)

    def start(self) -> None:
        self.server = Served(self._folder / "data", port=self.server.port).answers()


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    folder = tmp_path_factory.mktemp("fragile")
    fragile = Fragile(folder)
    yield fragile
    fragile.server.stop()
    clear_away(folder)


@pytest.fixture
async def people(chromium: Browser, fragile: Fragile, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[People]:
    monkeypatch.setattr(conftest, "_logged_in", {})  # its cookies are good for this server alone
    async with AsyncExitStack() as stack:
        people = People(chromium, fragile.server, stack)
        yield people
    assert people.complaints == []


async def words(page: Page) -> list[str]:
    """All that was said, in its order, without what stands around it."""
    return await page.locator("[role=log] article .written-small").all_inner_texts()


async def test_a_server_that_is_killed_amid_a_conversation_loses_and_doubles_nothing(people: People, fragile: Fragile):
    ada = await people.visit("/o/demo/chat/general", "Ada Okafor")
    mei = await people.visit("/o/demo/chat/general", "Mei Tanaka")
    await say(ada, "Before it")
    await expect(said(mei, "Before it")).to_be_visible(timeout=SOON)

    await field(ada).fill("Into the fall")
    await field(ada).press("Enter")
    fragile.kill()
    for page, text in ((ada, "Hers, meanwhile"), (mei, "His, meanwhile"), (ada, "Hers, too")):
        await say(page, text)
        await expect(said(page, text)).to_have_attribute("aria-busy", "true")
    fragile.start()

    for page in (ada, mei):
        for text in ("Before it", "Into the fall", "Hers, meanwhile", "Hers, too", "His, meanwhile"):
            await expect(said(page, text)).to_have_count(1, timeout=30_000)
            await expect(said(page, text)).not_to_have_attribute("aria-busy", "true", timeout=30_000)
    assert await words(ada) == await words(mei)
    hers = [text for text in await words(mei) if text in {"Before it", "Into the fall", "Hers, meanwhile", "Hers, too"}]
    assert hers == ["Before it", "Into the fall", "Hers, meanwhile", "Hers, too"]
    await say(mei, "After it")
    await expect(said(ada, "After it")).to_be_visible(timeout=SOON)
    await expect(ada.get_by_role("button", name="2 people here")).to_be_visible(timeout=SOON)


def fill(data_dir: Path) -> None:
    """A room with many messages: past the front door, as saying them one by one would take a minute."""
    with psycopg.connect(embedded_postgres.ensure(data_dir, database="myapp")) as connection:
        connection.execute(
            """
            WITH room AS (
                INSERT INTO chat_rooms (id, org_id, name, slug, last_seq)
                SELECT gen_random_uuid(), id, 'Long', 'long', %(count)s FROM organizations WHERE slug = 'demo'
                RETURNING id, org_id
            )
            INSERT INTO chat_messages (id, org_id, room_id, user_id, seq, client_id, body, body_html, inserted_at)
            SELECT gen_random_uuid(), org_id, room.id, users.id, seq, 'c' || seq,
                'Number ' || seq, '<p>Number ' || seq || '</p>', now() - interval '1 minute' * (%(count)s - seq)
            FROM room, users, generate_series(1, %(count)s) seq WHERE users.username = 'mei'
            """,
            {"count": LONG},
        )
    embedded_postgres.release(data_dir)


async def test_thousands_of_messages_are_scrolled_to_the_first_and_back_at_steady_memory(
    people: People, fragile: Fragile
):
    fill(fragile.server.data_dir)
    page = await people.visit("/o/demo/chat/long", "Ada Okafor")
    await expect(said(page, f"Number {LONG}")).to_be_visible(timeout=SOON)
    cdp = await page.context.new_cdp_session(page)
    box = page.get_by_role("region", name="What was said")

    async def size() -> tuple[int, float]:
        """Nodes of the page, and MB of its heap after what is not used has gone."""
        await cdp.send("HeapProfiler.collectGarbage")
        counters = await cdp.send("Memory.getDOMCounters")
        return counters["nodes"], (await cdp.send("Runtime.getHeapUsage"))["usedSize"] / 1e6

    async def scroll(key: str, until: str) -> None:
        """Hold a key until that message is there."""
        await box.focus()
        async with asyncio.timeout(60):
            while not await page.get_by_text(until, exact=True).count():
                await page.keyboard.press(key)

    await scroll("Home", f"Number {LONG - 400}")
    nodes, heap = await size()
    await scroll("Home", "Number 1")
    await expect(page.get_by_text("This is where “Long” begins.")).to_be_visible(timeout=SOON)
    assert await page.locator("[role=log] [data-row]").count() <= 300
    at_top = await size()
    await expect(page.get_by_role("button", name="To the newest")).to_be_visible()

    await scroll("End", "Number 600")
    texts = await words(page)
    numbers = [int(text.removeprefix("Number ")) for text in texts]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    await page.get_by_role("button", name="To the newest").click()
    await expect(page.get_by_text(f"Number {LONG}", exact=True)).to_be_in_viewport(timeout=SOON)
    at_end = await size()
    for sizes in (at_top, at_end):
        assert sizes[0] < nodes * 1.5
        assert sizes[1] < heap * 1.5 + 5
