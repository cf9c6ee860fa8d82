"""The operators' pages in a browser: accessible in every look, tables ordered and searched, and a child killed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import SOON, People, command, ready
from tests.browser.test_accessible import violations

OPERATOR = "Jonas Lindqvist"
PATHS = [
    "/ops",
    "/ops/metrics",
    "/ops/metrics?group=http",
    "/ops/database",
    "/ops/jobs",
    "/ops/processes",
    "/ops/processes?child=live/cache#child",
    "/ops/stores",
    "/ops/logs?show=all",
    "/ops/audit",
]


async def visit(people: People, path: str) -> Page:
    await command(people, "operator", "jonas")
    page = await people.visit(path, OPERATOR)
    await expect(page.locator("main .animate-pulse, main [data-waits]")).to_have_count(0, timeout=SOON)
    return page


@pytest.mark.parametrize("path", PATHS)
async def test_axe_finds_nothing_in_any_look_and_no_heading_is_skipped(people: People, path: str):
    page = await visit(people, path)
    assert await violations(page) == []
    levels = await page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(each => Number(each.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


async def test_for_others_there_is_nothing(people: People):
    for person in ("", "Yusuf Haddad"):
        page = await people.visit("/ops", person)
        await expect(page.get_by_text("Supervision")).to_have_count(0)
        heading = "Log in" if not person else "Nothing here"
        await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=SOON)


async def test_tables_are_ordered_and_searched_by_keyboard_and_a_statement_shows_its_plan(people: People):
    page = await visit(people, "/ops/database")
    table = page.get_by_role("table", name="Tables")
    by_rows = table.get_by_role("columnheader", name="Rows", exact=True)
    await by_rows.get_by_role("button").press("Enter")
    await expect(by_rows).to_have_attribute("aria-sort", "descending")
    await by_rows.get_by_role("button").press("Enter")
    await expect(by_rows).to_have_attribute("aria-sort", "ascending")
    await page.get_by_role("searchbox", name="Find a table").fill("chat_mess")
    await expect(table.get_by_role("row")).to_have_count(2)

    await page.get_by_role("searchbox", name="Find a statement").fill("select posts")
    await page.get_by_role("table", name="Statements").get_by_role("link").first.click()
    dialog = page.get_by_role("dialog", name="Statement")
    await expect(dialog.get_by_role("region", name="Plan")).to_contain_text("cost=", timeout=SOON)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_a_child_is_killed_and_comes_back_while_the_page_goes_on(people: People):
    page = await visit(people, "/ops/processes")
    tree = page.get_by_role("table", name="Supervision tree")  # its tasks have rows of their own further down
    row = tree.get_by_role("row").filter(has=page.get_by_role("link", name="images", exact=True))
    await row.get_by_role("link").click()
    await page.get_by_role("button", name="Kill images").click()
    await expect(page.get_by_text("images is killed, and started anew")).to_be_visible(timeout=SOON)
    await expect(row.get_by_role("cell").nth(3)).to_have_text("1", timeout=2 * SOON)
    await expect(row).to_contain_text("runs", timeout=2 * SOON)
    await page.goto("/ops/audit?what=ops.child.killed")
    await ready(page)
    await expect(page.get_by_role("row").filter(has_text="images")).to_contain_text(OPERATOR)


async def test_actors_and_tasks_lead_to_their_child_whose_tasks_are_shown(people: People):
    page = await visit(people, "/ops/processes")
    actor = page.get_by_role("table", name="Actors").get_by_role("row").filter(has_text="Registrar")
    await expect(actor.get_by_role("cell").nth(4)).to_have_text("0")
    await actor.get_by_role("link", name="names").click()
    dialog = page.get_by_role("dialog", name="Kill names?")
    await expect(dialog.get_by_role("list", name="Its tasks")).to_contain_text("Monitors.keep_looking")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)  # it gives the focus back, and `fill` needs it

    await page.get_by_role("searchbox", name="Find tasks").fill("watch_clock")
    tasks = page.get_by_role("table", name="Tasks").get_by_role("row")
    await expect(tasks.nth(1)).to_contain_text("myapp/kit/scheduler.py:")
    await expect(tasks.nth(1).get_by_role("link", name="scheduler")).to_be_visible()


async def test_a_job_is_found_shown_and_run_again_and_a_queue_is_paused(people: People):
    page = await visit(people, "/ops/jobs?q=PublishDuePosts")
    await page.get_by_role("table", name="Kinds of jobs").get_by_role("link", name="blog.jobs.PublishDuePosts").click()
    await page.get_by_role("button", name="Run now").click()
    row = page.get_by_role("table", name="Jobs").get_by_role("row").filter(has_text="Completed").first
    await row.get_by_role("link").click()
    dialog = page.get_by_role("dialog", name="Job")
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Run again").click()
    await expect(page.get_by_text("runs again.")).to_be_visible(timeout=SOON)

    queues = page.get_by_role("table", name="Queues")
    for act, status in (("Pause", "paused"), ("Go on", "runs")):
        await queues.get_by_role("link", name="analytics").click()
        await page.get_by_role("button", name=act).click()
        await expect(queues.get_by_role("row").filter(has_text="analytics")).to_contain_text(status, timeout=30_000)


async def test_on_a_phone_a_table_is_ordered_by_a_choice(people: People):
    page = await visit(people, "/ops/database")
    await page.set_viewport_size({"width": 390, "height": 800})
    first = page.get_by_role("table", name="Tables").get_by_role("row").nth(1)
    await expect(first).not_to_contain_text("activities")
    await page.get_by_role("combobox", name="Order by: Tables").select_option(label="Table")
    await expect(first).to_contain_text("activities")
