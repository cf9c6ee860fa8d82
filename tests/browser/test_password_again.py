"""Every act that asks for the password again: it is asked for, and then the act happens without another press."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Page, expect

from myapp.kit import embedded_postgres
from tests.browser.conftest import SOON, People, command, ready
from tests.browser.test_entrance import PASSWORD, log_in, register

type Act = Callable[[Page], Awaitable[None]]

ANOTHER = "Another horse 2"


def in_database(data_dir: Path, statement: str, *values: object) -> None:
    """As the owner of the tables."""
    try:
        with psycopg.connect(embedded_postgres.ensure(data_dir, database="myapp")) as connection:
            connection.execute(statement, values)  # pyright: ignore[reportArgumentType] - written below
    finally:
        embedded_postgres.release(data_dir)


async def somebody(people: People, name: str) -> Page:
    """Somebody who has an account and a password of their own, and has confirmed the address."""
    page = await people.visit("/register")
    await register(page, name)
    slug = name.lower().replace(" ", "-")
    in_database(people.data_dir, "UPDATE users SET confirmed_at = now() WHERE username = %s", slug)
    await page.get_by_role("main").get_by_role("link", name="Log in").click()
    await log_in(page, f"{slug}@example.com")
    await expect(page).to_have_url(re.compile(r":\d+/$"), timeout=SOON)
    await ready(page)
    return page


async def ages(people: People) -> None:
    """Everybody has given the password an hour ago."""
    in_database(people.data_dir, "UPDATE sessions SET sudo_at = now() - interval '1 hour'")


async def gives_the_password(page: Page, password: str = PASSWORD) -> None:
    """First a wrong one, which does nothing."""
    dialog = page.get_by_role("dialog", name="Is it still you?")
    await expect(dialog).to_be_visible(timeout=SOON)
    await dialog.get_by_label("Password", exact=True).fill("Wrong horse 1")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog.get_by_text("The password is wrong.")).to_be_visible(timeout=SOON)
    await dialog.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden(timeout=SOON)


async def go(page: Page, path: str) -> None:
    """Loaded anew, also where only what follows the `#` is another."""
    await page.goto("about:blank")
    await page.goto(path)
    await ready(page)


async def test_another_address_a_key_and_another_password(people: People):
    page = await somebody(people, "Sudo One")

    await go(page, "/settings/account")
    await ages(people)
    await page.get_by_role("textbox", name="New address").fill("sudo-other@example.com")
    await page.get_by_role("button", name="Send the link").click()
    await gives_the_password(page)
    await expect(page.get_by_text("A link is on its way to the new address")).to_be_visible(timeout=SOON)

    await go(page, "/settings/api-keys")
    await ages(people)
    await page.get_by_label("Name").fill("Backup")
    await page.get_by_role("button", name="Make the key").click()
    await gives_the_password(page)
    await expect(page.get_by_text(re.compile(r"myapp_\w+")).first).to_be_visible(timeout=SOON)

    await go(page, "/settings/account")
    await ages(people)
    await page.get_by_role("main").get_by_role("textbox", name="New password").fill(ANOTHER)
    await page.get_by_label("The same password again").fill(ANOTHER)
    await page.get_by_role("button", name="Change password").click()
    await gives_the_password(page)
    await expect(page.get_by_text("You have a new password")).to_be_visible(timeout=SOON)
    await ages(people)
    await page.get_by_role("textbox", name="New address").fill("sudo-third@example.com")
    await page.get_by_role("button", name="Send the link").click()
    await gives_the_password(page, ANOTHER)
    await expect(page.get_by_text("A link is on its way to the new address")).to_be_visible(timeout=SOON)


async def test_what_was_sent_once_is_not_sent_by_the_page_that_is_loaded_after_it(people: People):
    page = await somebody(people, "Sudo Again")
    address = page.get_by_role("textbox", name="New address")

    await go(page, "/settings/account")
    await ages(people)
    await address.fill("sudo-sent@example.com")
    await page.get_by_role("button", name="Send the link").click()
    await gives_the_password(page)
    await expect(page.get_by_text("A link is on its way to the new address")).to_be_visible(timeout=SOON)
    await expect(address).to_have_value("", timeout=SOON)
    await address.fill("sudo-kept@example.com")
    await ages(people)

    await go(page, "/settings/account")
    await expect(page.get_by_text("What you had typed is back.")).to_be_visible(timeout=SOON)
    await expect(address).to_have_value("sudo-kept@example.com")
    await page.get_by_role("button", name="Discard it").click()
    await expect(address).to_have_value("")
    await expect(page.get_by_role("dialog", name="Is it still you?")).to_be_hidden()


async def test_handing_an_organisation_over_deleting_it_and_the_account(people: People):
    page = await somebody(people, "Sudo Two")
    await go(page, "/organizations/new")
    await page.get_by_label("Name").fill("Sudo House")
    await page.get_by_role("button", name="Make organisation").click()
    await expect(page).to_have_url(re.compile("/o/sudo-house"), timeout=SOON)
    in_database(
        people.data_dir,
        "INSERT INTO memberships (id, org_id, user_id, role, inserted_at, updated_at)"
        " SELECT gen_random_uuid(), o.id, u.id, 'member', now(), now() FROM organizations o, users u"
        " WHERE o.slug = 'sudo-house' AND u.username = 'yusuf'",
    )

    await go(page, "/o/sudo-house/settings#transfer")
    await ages(people)
    await page.get_by_role("combobox", name="New owner").fill("Yusuf")
    await page.get_by_role("option", name="Yusuf Haddad").click()
    await page.get_by_role("button", name="Hand over").click()
    await gives_the_password(page)
    await expect(page.get_by_text("Yusuf Haddad owns the organisation now.")).to_be_visible(timeout=SOON)

    in_database(
        people.data_dir,
        "UPDATE memberships SET role = 'owner' WHERE user_id = (SELECT id FROM users WHERE username = 'sudo-two')",
    )
    await go(page, "/o/sudo-house/settings#delete")
    await ages(people)
    await page.get_by_role("dialog").get_by_label(re.compile("name", re.IGNORECASE)).fill("Sudo House")
    await page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    await gives_the_password(page)
    await expect(page.get_by_text("“Sudo House” is deleted.")).to_be_visible(timeout=SOON)

    await go(page, "/settings/data")
    await ages(people)
    await page.get_by_label(re.compile("Type your user name")).fill("sudo-two")
    await page.get_by_role("button", name="Delete my account").click()
    await gives_the_password(page)
    await expect(page.get_by_text("Your account is deleted. Farewell.")).to_be_visible(timeout=SOON)
    await expect(page).to_have_url(re.compile(r":\d+/$"), timeout=SOON)
    await page.goto("/settings")
    await expect(page).to_have_url(re.compile("/log-in"), timeout=SOON)


@pytest.fixture
async def operator(people: People) -> AsyncGenerator[Page]:
    page = await somebody(people, "Sudo Three")
    await command(people, "operator", "sudo-three")
    yield page
    in_database(people.data_dir, "UPDATE users SET is_operator = false WHERE username = 'sudo-three'")


async def test_making_somebody_an_operator(people: People, operator: Page):
    await go(operator, "/admin/users?q=mei")
    for name, said in (("Make operator", "runs the site now"), ("Make no operator", "does not run")):
        await operator.get_by_role("link", name=re.compile("Mei")).first.click()
        await ages(people)
        await operator.get_by_role("button", name=name, exact=True).click()
        await gives_the_password(operator)
        await expect(operator.get_by_text(said)).to_be_visible(timeout=SOON)
