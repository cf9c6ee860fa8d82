"""The pages that no other browser test opens, under the policy that says which scripts may run.

Every window of `people` fails its test when anything is refused by that policy.
"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People


@pytest.mark.parametrize("path", ["/", "/nowhere/at/all", "/o/demo/search?q=a", "/o/demo/tags", "/reset", "/register"])
async def test_a_page_does_nothing_that_its_policy_refuses(people: People, path: str) -> None:
    await people.visit(path)


async def test_a_script_that_is_not_ours_does_not_run(people: People) -> None:
    page = await people.visit("/o/demo/posts")
    await page.evaluate("""
        document.body.insertAdjacentHTML('beforeend', '<img src="/none.png" onerror="window.ran = 1">');
        const script = document.createElement('script');
        script.textContent = 'window.ran = 2';
        document.body.append(script);
    """)
    await expect(page.locator("img[onerror]")).to_be_attached()

    assert await page.evaluate("window.ran") is None
    assert len(people.complaints) >= 1
    people.complaints.clear()


async def test_the_mailbox_shows_a_mail_in_its_frame(people: People) -> None:
    window = await people.visit("/reset")
    await window.get_by_label("Email").fill("ada@demo.example")
    await window.get_by_role("main").get_by_role("button").click()
    await expect(window.get_by_role("main")).to_contain_text("on its way")
    await window.goto("/dev/mailbox")
    await window.get_by_role("main").get_by_role("link").first.click()

    await expect(window.frame_locator("iframe").locator("body")).to_contain_text("MyApp")
