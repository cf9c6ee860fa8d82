"""Coming in, in a real browser: registering, the mail's button, logging in with a password and with a link."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import SOON, People, ready

PASSWORD = "Correct horse 1"


async def mailed(people: People, page: Page, subject: str, path: str) -> str:
    """The address of the button in the newest mail with this subject, which a developer reads in the mailbox."""
    mailbox = await page.context.new_page()
    link = mailbox.get_by_role("link", name=subject).first
    await mailbox.goto("/dev/mailbox")
    for _ in range(20):  # it is written after the answer
        if await link.count():
            break
        await mailbox.reload()
    await link.click()
    found = re.search(rf"{path}[\w-]{{43}}", await mailbox.content())
    assert found is not None
    await mailbox.close()
    return found[0]


async def test_one_registers_confirms_and_comes_in_with_a_password_and_with_a_link(people: People):
    page = await people.visit("/register")
    await page.get_by_label("Name", exact=True).fill("Eve Example")
    await page.get_by_label("User name").fill("ada")
    await expect(page.get_by_text("has already been taken")).to_be_visible(timeout=SOON)
    await page.get_by_label("User name").fill("eve-example")
    await page.get_by_label("Email").fill("eve@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("The same password again").fill(PASSWORD + "x")
    await expect(page.get_by_text("does not match password")).to_be_visible(timeout=SOON)
    await page.get_by_label("The same password again").fill(PASSWORD)
    await page.get_by_role("button", name="Make an account").click()
    await expect(page.get_by_text("Look into your mail")).to_be_visible(timeout=SOON)
    kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert PASSWORD not in kept

    button = await mailed(people, page, "Confirm your address", "/confirm/")
    for said in ("Your address is confirmed", "This link was used already"):
        await page.goto(button)
        await ready(page)
        await page.get_by_role("button", name="This is my address").click()
        await expect(page.get_by_text(said)).to_be_visible(timeout=SOON)

    await page.goto("/log-in?back=/o/demo/posts")
    await ready(page)
    await page.get_by_label("Email").fill("eve@example.com")
    await page.get_by_label("Password").fill("Wrong horse 1")
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_role("alert").get_by_text("The address or the password is wrong.")).to_be_visible(
        timeout=SOON
    )
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page).to_have_url(re.compile(r":\d+/o/demo/posts$"), timeout=SOON)
    [cookie] = [each for each in await page.context.cookies() if each.get("name") == "session"]
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("expires")) == (True, "Lax", -1)

    other = await people.visit("/log-in")
    await other.get_by_label("Email").fill("eve@example.com")
    await other.get_by_role("button", name="Email me a link").click()
    await expect(other.get_by_text("a link is on its way")).to_be_visible(timeout=SOON)
    await other.goto(await mailed(people, other, "Your link to log in", "/log-in/"))
    await ready(other)
    await other.get_by_label("Keep me logged in").check()
    await other.get_by_role("button", name="Log in", exact=True).click()
    await expect(other).to_have_url(re.compile(r":\d+/$"), timeout=SOON)
    await expect(other.get_by_text("Eve Example").first).to_be_attached(timeout=SOON)
    assert {each.get("name"): each.get("expires", -1) for each in await other.context.cookies()}["session"] > 0
