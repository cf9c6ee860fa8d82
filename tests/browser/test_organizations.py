"""Organisations in real browsers: somebody is invited by mail, joins in another browser, and is seen to come."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import LIVE, SOON, People, command, ready
from tests.browser.test_accessible import violations

PEOPLE = "/o/workshop/people"


async def invite(people: People, email: str) -> Page:
    """Priya, who owns the private workshop, invites somebody; her page stays open."""
    priya = await people.visit(PEOPLE, "Priya Raman")
    await priya.get_by_role("link", name="Invite", exact=True).click()
    dialog = priya.get_by_role("dialog", name="Invite somebody")
    await dialog.get_by_label("Mail address").fill("no address")
    await expect(dialog.get_by_text("has invalid format")).to_be_visible(timeout=SOON)
    await dialog.get_by_label("Mail address").fill(email)
    await dialog.get_by_role("button", name="Send invitation").click()
    await expect(priya.get_by_text(f"An invitation is on its way to {email}.")).to_be_visible(timeout=SOON)
    await expect(priya.get_by_role("link", name="Invited (1)")).to_be_visible(timeout=LIVE)
    return priya


async def link_in_mailbox(page: Page, email: str) -> str:
    """What the last mail to somebody leads to, as a developer reads it."""
    await page.goto("/dev/mailbox")
    await page.get_by_role("listitem").filter(has_text=email).first.get_by_role("link").click()
    found = re.search(r"/invitations/[\w-]{43}", await page.content())
    assert found is not None
    return found[0]


async def test_somebody_is_invited_reads_the_mail_joins_and_appears_in_the_open_list(people: People):
    priya = await invite(people, "mei@demo.example")
    await expect(priya.get_by_role("cell").filter(has_text="Mei Tanaka")).to_have_count(0)
    outside = await people.visit("/", "Mei Tanaka")
    link = await link_in_mailbox(outside, "mei@demo.example")

    stranger = await people.visit(link, "Yusuf Haddad")
    await expect(stranger.get_by_text("another mail address than that of @yusuf")).to_be_visible(timeout=SOON)
    await expect(stranger.get_by_role("button", name="Join")).to_have_count(0)

    mei = await people.visit(link, "Mei Tanaka")
    await expect(mei.get_by_role("heading", level=1, name="You are invited")).to_be_visible(timeout=SOON)
    assert await violations(mei) == []
    await mei.get_by_role("button", name="Join").dblclick()
    await expect(mei).to_have_url(f"{people.url}/o/workshop", timeout=SOON)
    await expect(priya.get_by_role("cell").filter(has_text="Mei Tanaka")).to_be_visible(timeout=LIVE)
    await expect(priya.get_by_role("link", name="Invited", exact=True)).to_be_visible(timeout=LIVE)
    await expect(mei.get_by_text("can't be used any more")).to_have_count(0)

    await mei.goto(link)
    await ready(mei)
    await expect(mei.get_by_role("heading", level=1, name="This invitation is over")).to_be_visible(timeout=SOON)

    await mei.goto(PEOPLE)
    await ready(mei)
    await priya.get_by_role("link", name="Take out Mei Tanaka").click()
    await priya.get_by_role("dialog").get_by_role("button", name="Take out Mei Tanaka").click()
    await expect(priya.get_by_role("cell").filter(has_text="Mei Tanaka")).to_have_count(0, timeout=LIVE)
    await expect(mei.get_by_role("heading", level=1, name="There is nothing here")).to_be_visible(timeout=SOON)


async def test_a_person_is_found_and_gets_another_role_in_a_dialog_with_its_own_address(people: People):
    ada = await people.visit("/o/demo/people", "Ada Okafor")
    jonas = await people.visit("/o/demo/people?q=sam", "Jonas Lindqvist")
    await ada.get_by_role("searchbox", name="Look for people").fill("sam")
    await expect(ada.get_by_role("row")).to_have_count(2, timeout=SOON)  # and the heads of the columns
    await expect(ada).to_have_url(re.compile(r"\?q=sam$"))
    await ada.get_by_role("link", name="Sam Doyle").first.click()
    dialog = ada.get_by_role("dialog", name="Sam Doyle")
    await expect(dialog.get_by_label("Role")).to_have_value("member", timeout=SOON)
    await expect(ada).to_have_url(re.compile(r"of=[0-9a-f-]{36}#person-"))
    await ada.reload()
    await ready(ada)
    assert await violations(ada) == []
    await dialog.get_by_label("Role").select_option("moderator")
    await dialog.get_by_role("button", name="Save changes").click()
    await expect(dialog).to_have_count(0, timeout=SOON)
    await expect(jonas.get_by_role("row").filter(has_text="Sam Doyle")).to_contain_text("Moderator", timeout=LIVE)


async def test_an_organisation_is_made_moved_and_deleted_by_its_name(people: People):
    ada = await people.visit("/o/demo", "Ada Okafor")
    await ada.get_by_role("button", name="Switch organisation").click()
    await ada.get_by_role("link", name="New organisation").click()
    await ada.get_by_label("Name").fill("Tea & Biscuits")
    await expect(ada.get_by_text("It will stand at /o/tea-biscuits")).to_be_visible(timeout=SOON)
    assert await violations(ada) == []
    await ada.get_by_role("button", name="Make organisation").click()
    await expect(ada).to_have_url(f"{people.url}/o/tea-biscuits/people", timeout=SOON)

    await ada.goto("/o/tea-biscuits/settings")
    await ready(ada)
    await ada.get_by_label("New group").fill("Board")
    await ada.get_by_role("button", name="Make group").click()
    await expect(ada.get_by_role("listitem").filter(has_text="Board")).to_be_visible(timeout=SOON)
    assert await violations(ada) == []
    await ada.get_by_label("Address").fill("tea")
    await ada.get_by_role("button", name="Save changes").click()
    await expect(ada).to_have_url(f"{people.url}/o/tea/settings", timeout=SOON)
    await ada.goto("/o/tea-biscuits/people?q=ada")
    await expect(ada).to_have_url(f"{people.url}/o/tea/people?q=ada", timeout=SOON)

    await ada.goto("/o/tea/settings")
    await ready(ada)
    await expect(ada.get_by_text("You are its only owner")).to_be_visible(timeout=SOON)
    await ada.get_by_role("link", name="Delete the organisation").click()
    dialog = ada.get_by_role("dialog", name="Delete Tea & Biscuits?")
    await dialog.get_by_label("Type its name").fill("Tea")
    await dialog.get_by_role("button", name="Delete for good").click()
    await expect(dialog.get_by_text("is not its name")).to_be_visible(timeout=SOON)
    await dialog.get_by_label("Type its name").fill("Tea & Biscuits")
    await dialog.get_by_role("button", name="Delete for good").click()
    await expect(ada.get_by_text("“Tea & Biscuits” is deleted.")).to_be_visible(timeout=SOON)


async def test_an_operator_keeps_somebody_out_whose_page_closes_at_once(people: People):
    await command(people, "operator", "jonas")
    clara = await people.visit("/o/tidewater/posts", "Clara Whitfield")
    jonas = await people.visit("/admin/users?q=clara", "Jonas Lindqvist")
    assert await violations(jonas) == []
    await jonas.get_by_role("link", name="Clara Whitfield").click()
    await jonas.get_by_role("button", name="Keep out Clara Whitfield").click()
    await expect(jonas.get_by_role("row").filter(has_text="Clara Whitfield")).to_contain_text("Kept out", timeout=LIVE)
    await expect(clara.get_by_text("Your session has ended")).to_be_visible(timeout=SOON)
    await jonas.get_by_role("link", name="Clara Whitfield").click()
    await jonas.get_by_role("button", name="Let in again").click()
    row = jonas.get_by_role("row").filter(has_text="Clara Whitfield")
    await expect(row).not_to_contain_text("Kept out", timeout=LIVE)
