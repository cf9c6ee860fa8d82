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
    found = re.search(rf"{path}[\w-]{{43}}(\?[\w=%&-]+)?", await mailbox.content())
    assert found is not None
    await mailbox.close()
    return found[0]


async def register(page: Page, name: str) -> None:
    """On the page for it: the user name and the address follow from the name."""
    slug = name.lower().replace(" ", "-")
    for label, text in (("Name", name), ("User name", slug), ("Email", f"{slug}@example.com")):
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("The same password again").fill(PASSWORD)
    await page.get_by_role("button", name="Make an account").click()
    await expect(page.get_by_text("Look into your mail")).to_be_visible(timeout=SOON)


async def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """On the page for it."""
    await ready(page)
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in", exact=True).click()


async def test_who_has_yet_to_confirm_sees_a_line_that_goes_when_it_is_done(people: People):
    page = await people.visit("/register?back=/o/demo/tags")
    await register(page, "Noor Example")
    await page.get_by_role("main").get_by_role("link", name="Log in").click()
    await log_in(page, "noor-example@example.com")
    await expect(page).to_have_url(re.compile(r":\d+/o/demo/tags$"), timeout=SOON)
    await ready(page)
    line = page.get_by_role("complementary", name="Confirm your address")
    await line.get_by_role("button", name="Send it again").click()
    await expect(page.get_by_text("A link is on its way")).to_be_visible(timeout=SOON)
    other = await page.context.new_page()
    await other.goto(await mailed(people, page, "Confirm your address", "/confirm/"))
    await ready(other)
    await other.get_by_role("button", name="This is my address").click()
    await expect(other).to_have_url(re.compile(r":\d+/$"), timeout=SOON)
    await expect(line).to_have_count(0, timeout=SOON)


async def test_one_registers_confirms_and_comes_in_with_a_password_and_with_a_link(people: People):
    page = await people.visit("/log-in?back=/o/demo/posts%3Fq%3Drain")
    await page.get_by_role("link", name="Make an account").click()
    await expect(page).to_have_url(re.compile(r"/register\?back="), timeout=SOON)
    await ready(page)
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

    await page.get_by_role("link", name="Have the link sent again").click()
    await ready(page)
    await page.get_by_label("Email").fill("eve@example.com")
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_text("a link is on its way")).to_be_visible(timeout=SOON)

    button = await mailed(people, page, "Confirm your address", "/confirm/")
    for said in ("Your address is confirmed", "This link was used already"):
        await page.goto(button)
        await ready(page)
        await page.get_by_role("button", name="This is my address").click()
        await expect(page.get_by_text(said)).to_be_visible(timeout=SOON)

    await page.goto(button)
    await ready(page)
    await page.get_by_role("link", name="Ask for another link").click()
    await ready(page)
    await page.get_by_role("link", name="Back to the log-in").click()
    await log_in(page, "eve@example.com", "Wrong horse 1")
    await expect(page.get_by_role("alert").get_by_text("The address or the password is wrong.")).to_be_visible(
        timeout=SOON
    )
    await log_in(page, "eve@example.com")
    await expect(page).to_have_url(re.compile(r":\d+/o/demo/posts\?q=rain$"), timeout=SOON)
    [cookie] = [each for each in await page.context.cookies() if each.get("name") == "session"]
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("expires")) == (True, "Lax", -1)

    other = await people.visit("/log-in?back=/o/demo/tags")
    await other.get_by_label("Email").fill("eve@example.com")
    await other.get_by_role("button", name="Email me a link").click()
    await expect(other.get_by_text("a link is on its way")).to_be_visible(timeout=SOON)
    await other.goto(await mailed(people, other, "Your link to log in", "/log-in/"))
    await ready(other)
    await other.get_by_label("Keep me logged in").check()
    await other.get_by_role("button", name="Log in", exact=True).click()
    await expect(other).to_have_url(re.compile(r":\d+/o/demo/tags$"), timeout=SOON)
    await expect(other.get_by_text("Eve Example").first).to_be_attached(timeout=SOON)
    assert {each.get("name"): each.get("expires", -1) for each in await other.context.cookies()}["session"] > 0
