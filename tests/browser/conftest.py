"""A real Chromium against a real server with the demonstration in it. Skipped, with the reason, where there is none."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, StorageState, async_playwright, expect

from myapp.config import ROOT
from tests.browser.wires import Wire
from tests.serving import Served, clear_away

# Chromium without its windows does the same to a page in less time and memory; the whole of it is as good.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
# Root may not use Chromium's sandbox, and the rest keeps it from talking to anybody but our server.
SWITCHES = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
SOON = 10_000  # ms that anything may take on a machine that runs four tests at once
LONGEST = 90  # s that a test may take there
LIVE = 3_000  # ms for what is there within one second on a machine that does nothing else

_logged_in: dict[str, StorageState] = {}
_networks = count(1)
"""Everybody comes from a network of their own, as a proxy says: how often one may log in is counted for each."""

type Scheme = Literal["light", "dark"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium: install it, or run .ci/run"))
        elif isinstance(item, pytest.Function):
            item.obj = _that_ends(item.obj)


def _that_ends(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same test, which fails where it waits for ever: a page that is stuck answers no `evaluate`."""

    @wraps(test)
    async def limited(*arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(LONGEST):
            await test(*arguments, **named)

    return limited


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The product as `make run` starts it, with its own data."""
    folder = tmp_path_factory.mktemp("browser")
    server = Served(folder / "data")
    yield server.answers()
    server.stop()
    clear_away(folder)


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()


class People:
    """Browsers of the demonstration's people, each with cookies of its own; closed at the end of the test."""

    def __init__(self, chromium: Browser, served: Served, stack: AsyncExitStack) -> None:
        self._chromium, self._stack = chromium, stack
        self.url = served.url
        self.data_dir = served.data_dir
        self.complaints: list[str] = []

    async def visit(
        self,
        path: str,
        person: str = "",
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        height: int = 900,
        wire: Wire | None = None,
    ) -> Page:
        """A new window of this person (a visitor, if nobody is named) at this address, come to life."""
        context = await self._chromium.new_context(
            base_url=self.url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="en-GB",
            storage_state=_logged_in.get(person),
            extra_http_headers={"x-forwarded-for": f"10.0.0.{next(_networks) % 250}"},
        )
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(SOON)
        page = await context.new_page()
        if wire:
            await wire.lead(page)
        if person and person not in _logged_in:
            await _log_in(page, person)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        await page.goto(path)
        await ready(page)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        """What a page may not do by its policy is a mistake of ours, wherever it happens."""
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)


async def _log_in(page: Page, person: str) -> None:
    """Become somebody on the page made for it; the cookies are good for this person's next windows too.

    The page is not closed: Chromium now and then never answers who closes one that has just come to another address.
    """
    await page.goto("/log-in")
    async with page.expect_navigation():
        await page.get_by_role("button", name=person).click()
    _logged_in[person] = await page.context.storage_state()


async def ready(page: Page) -> None:
    """The page has come to life and shows what it was asked for."""
    await expect(page.locator(".live-dot[data-state=connected]")).to_be_attached(timeout=SOON)
    # First that it is drawn: until its script is there, `main` is empty, and no longer busy once its state has come.
    await expect(page.locator("main h1")).to_have_count(1, timeout=SOON)
    await expect(page.locator("main[aria-busy=true], main [aria-busy=true]")).to_have_count(0, timeout=SOON)


@pytest.fixture
async def people(chromium: Browser, served: Served) -> AsyncGenerator[People]:
    async with AsyncExitStack() as stack:
        people = People(chromium, served.still_runs(), stack)
        yield people
    served.still_runs()
    assert people.complaints == []


async def command(people: People, *arguments: str) -> str:
    """Run `python -m myapp …` as another process, on the same data; what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "myapp", *arguments,
        cwd=ROOT, env={"MYAPP_DATA_DIR": str(people.data_dir), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def top_of(target: Locator) -> float:
    """Where it is in the window, in pixels from above."""
    box = await target.bounding_box()
    assert box
    return box["y"]


async def focus_on(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press a key until something has the focus, as somebody without a mouse does."""
    for _ in range(80):
        await page.keyboard.press(key)
        if await target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached with {key}")
