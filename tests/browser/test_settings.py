"""All settings as their owner uses them: by keyboard, with nothing that axe finds in any look, also of an error."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import SOON, People, focus_on, ready
from tests.browser.test_accessible import violations
from tests.browser.test_entrance import log_in
from tests.browser.test_password_again import somebody


async def type_into(page: Page, field: Locator, text: str) -> None:
    """Reach it with Tab, and type over what is in it."""
    await focus_on(page, field)
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(text)


async def press(page: Page, button: Locator) -> None:
    await focus_on(page, button)
    await page.keyboard.press("Enter")


async def follow(page: Page, name: str) -> None:
    """To another page of the settings."""
    await page.goto("/settings")
    await ready(page)
    await press(page, page.get_by_role("navigation", name="Your settings").get_by_role("link", name=name))
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=SOON)
    await ready(page)


async def says(page: Page, text: str) -> None:
    await expect(page.get_by_text(text)).to_be_visible(timeout=SOON)


async def test_the_profile(people: People):
    page = await somebody(people, "Settings One")
    await follow(page, "Profile")
    main = page.get_by_role("main")
    await type_into(page, main.get_by_role("textbox", name=re.compile("^Bio")), "Counts tides.")
    await type_into(page, main.get_by_role("textbox", name=re.compile("^Age")), "7")
    await press(page, main.get_by_role("button", name="Save changes"))
    await says(page, "must be greater than or equal to 13")
    await expect(main.get_by_role("textbox", name=re.compile("^Age"))).to_be_focused(timeout=SOON)
    assert await violations(page) == []

    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("36")
    await type_into(page, main.get_by_label("Name", exact=True), "Settings First")
    await press(page, main.get_by_role("button", name="Save changes"))
    await expect(page.get_by_role("banner").get_by_text("Settings First").first).to_be_attached(timeout=SOON)
    await expect(main.get_by_role("button", name="Save changes")).to_be_focused(timeout=SOON)
    await page.reload()
    await ready(page)
    for label, value in (("Name", "Settings First"), ("Bio", "Counts tides."), ("Age", "36")):
        field = main.get_by_role("textbox", name=re.compile(f"^{label}"))
        await expect(field).to_have_value(value, timeout=SOON)


async def test_the_address_and_the_password(people: People):
    page = await somebody(people, "Settings Two")
    await follow(page, "Address and password")
    main = page.get_by_role("main")
    await type_into(page, main.get_by_role("textbox", name="New address"), "no address")
    await says(page, "has invalid format")
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1280, "height": 900})
    await main.get_by_role("textbox", name="New address").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("settings-other@example.com")
    await page.keyboard.press("Enter")
    await says(page, "A link is on its way to the new address")
    await type_into(page, main.get_by_role("textbox", name="New password"), "Another horse 2")
    await type_into(page, main.get_by_label("The same password again"), "Another horse 2")
    await page.keyboard.press("Enter")
    await says(page, "You have a new password")


async def test_on_a_phone_the_way_to_the_page_that_is_shown_is_in_sight(people: People):
    page = await people.visit("/settings/data", "Sam Doyle", width=390)
    await expect(page.get_by_role("navigation", name="Your settings").locator("[aria-current=page]")).to_be_in_viewport(
        ratio=0.9, timeout=SOON
    )
    assert await page.evaluate("[scrollY, document.documentElement.scrollWidth]") == [0, 390]


async def test_where_one_is_logged_in(people: People):
    page, other = await somebody(people, "Settings Three"), await people.visit("/log-in?back=/settings", width=390)
    await log_in(other, "settings-three@example.com")
    await ready(other)
    await follow(page, "Where you are logged in")
    browsers = page.get_by_role("main").locator("section").filter(has=page.get_by_role("heading", name="Browsers"))
    rows = browsers.get_by_role("listitem")
    await expect(rows).to_have_count(2, timeout=SOON)
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1280, "height": 900})
    await press(page, page.get_by_role("main").get_by_role("button", name=re.compile("^Log out: ")))
    await expect(rows).to_have_count(1, timeout=SOON)
    await expect(other).to_have_url(re.compile(r"/log-in\?back="), timeout=SOON)


async def test_keys(people: People):
    page = await somebody(people, "Settings Four")
    await follow(page, "API keys")
    main = page.get_by_role("main")
    await type_into(page, main.get_by_label("Name", exact=True), "Backup")
    await focus_on(page, main.get_by_label("Write: posts, comments and messages as you"))
    await page.keyboard.press("Space")
    await press(page, main.get_by_role("button", name="Make the key"))
    await expect(main.get_by_text(re.compile(r"myapp_\w+")).first).to_be_visible(timeout=SOON)
    assert await violations(page) == []

    await page.set_viewport_size({"width": 1280, "height": 900})
    await press(page, main.get_by_role("button", name="Done"))
    await press(page, main.get_by_role("button", name="Revoke Backup"))
    dialog = page.get_by_role("dialog", name="Revoke this key?")
    await expect(dialog).to_be_visible(timeout=SOON)
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1280, "height": 900})
    await press(page, dialog.get_by_role("button", name="Revoke key"))
    await says(page, "The key opens nothing any more.")
    await expect(main.get_by_role("button", name="Revoke Backup")).to_have_count(0, timeout=SOON)


async def test_notifications_by_mail(people: People):
    page = await somebody(people, "Settings Five")
    await follow(page, "Notifications")
    switch = page.get_by_role("checkbox", name="Tell me by mail, too")
    await expect(switch).to_be_checked(timeout=SOON)
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1280, "height": 900})
    await focus_on(page, switch)
    await page.keyboard.press("Space")
    await says(page, "You get no mails about news.")
    await page.reload()
    await ready(page)
    await expect(switch).not_to_be_checked(timeout=SOON)


async def test_ones_data_is_taken_along_and_the_account_deleted(people: People):
    page = await somebody(people, "Settings Six")
    await follow(page, "Your data")
    await focus_on(page, page.get_by_role("link", name="Download my data"))
    async with page.expect_download() as downloading:
        await page.keyboard.press("Enter")
    path = await (await downloading.value).path()
    content = Path(path).read_bytes()
    with ZipFile(io.BytesIO(content)) as archive:
        assert any("profile" in name for name in archive.namelist()), archive.namelist()
        assert "settings-six@example.com" in "".join(archive.read(name).decode() for name in archive.namelist())

    await type_into(page, page.get_by_label("Type your user name"), "somebody")
    await press(page, page.get_by_role("button", name="Delete my account"))
    await says(page, "is not your username")
    assert await violations(page) == []
    await page.set_viewport_size({"width": 390, "height": 900})
    await type_into(page, page.get_by_label("Type your user name"), "settings-six")
    await press(page, page.get_by_role("button", name="Delete my account"))
    await expect(page).to_have_url(re.compile(r":\d+/$"), timeout=SOON)
    await says(page, "Your account is deleted. Farewell.")
    await ready(page)
    await expect(page.get_by_text("Your session has ended")).to_have_count(0)
    await page.goto("/settings")
    await expect(page).to_have_url(re.compile("/log-in"), timeout=SOON)
