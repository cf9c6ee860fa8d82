"""The list of posts: what its address asks for, and what happens to it while it is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import accounts, blog
from myapp.accounts import Visibility
from myapp.blog import PostStatus
from myapp.kit import repo
from myapp.kit.pagination import InvalidCursor
from myapp.web.blog.posts.state import PostsState
from myapp.web.shell import ShellState
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.live import Tab
from tests.web.blog.conftest import Site


def titles(tab: Tab) -> list[str]:
    return [row["title"] for row in tab.get(PostsState.rows)]


def changed(tab: Tab) -> list[str]:
    return [row["title"] for row in tab.get(PostsState.rows) if row["is_changed"]]


async def test_a_visitor_finds_what_is_published_newest_first(site: Site):
    await make_post(site.member, title="First of all")
    await make_post(site.member, title="Still being written", status="draft")
    await make_post(site.owner, title="Then another", tags=["Tea"])

    tab = await site.open("/posts")

    assert titles(tab) == ["Then another", "First of all"]
    row = tab.get(PostsState.rows)[0]
    assert (row["author"], row["url"]) == ("Olga Owner", f"/o/{site.slug}/posts/then-another")
    assert row["tags"] == [{"name": "Tea", "url": f"/o/{site.slug}/tags/tea"}]
    assert tab.get(PostsState.total) == 2
    assert not tab.get(PostsState.can_write)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=jasmine", ["Green tea"]),
        ("tag=tea", ["Black tea", "Green tea"]),
        ("tag=tea&tag=asia", ["Green tea"]),
        ("status=draft", ["White tea"]),
        ("status=all&q=tea", ["White tea", "Black tea", "Green tea"]),
        ("meta_key=cup&meta_value=glass", ["Black tea"]),
        ("sort=oldest", ["Green tea", "Black tea"]),
        ("from=2100-01-01", []),
        ("to=2001-01-01", []),
        ("q=te%00a" + "&x=1" * 2000, ["Black tea", "Green tea"]),
        ("status=nonsense&from=yesterday&sort=sideways&tag=", ["Black tea", "Green tea"]),
    ],
)
async def test_the_address_says_what_is_listed(site: Site, query: str, expected: list[str]):
    await make_post(site.owner, title="Green tea", body="Rolled with jasmine.", tags=["tea", "asia"])
    await make_post(site.owner, title="Black tea", tags=["tea"], meta={"cup": "glass"})
    await make_post(site.owner, title="White tea", status="draft")

    tab = await site.open(f"/posts?{query}", site.owner)

    assert titles(tab) == expected


async def test_the_list_of_one_author(site: Site):
    await make_post(site.owner, title="Hers")
    await make_post(site.member, title="His")
    tab = await site.open("/posts")
    await tab.navigate(next(row["author_url"] for row in tab.get(PostsState.rows) if row["title"] == "His"))

    assert titles(tab) == ["His"]


async def test_pages_are_turned_by_links_and_end(site: Site):
    for number in range(25):
        await make_post(site.owner, title=f"Number {number}")
    tab = await site.open("/posts")
    first = titles(tab)
    assert (len(first), tab.get(PostsState.newer)) == (20, "")

    await tab.navigate(tab.get(PostsState.older))
    assert len(titles(tab)) == 5
    assert not set(titles(tab)) & set(first)
    assert tab.get(PostsState.older) == ""

    await tab.navigate(tab.get(PostsState.newer))
    assert titles(tab) == first


async def test_a_forged_place_in_the_list_is_a_missing_page(site: Site):
    await make_post(site.owner)
    tab = await site.open("/posts")

    with pytest.raises(InvalidCursor):
        await tab.navigate(f"/o/{site.slug}/posts?after=forged")
    await tab.until(lambda: tab.get(ShellState.problem) == "missing")


async def test_a_tag_is_added_to_those_that_are_asked_for_and_can_be_taken_away(site: Site):
    await make_post(site.owner, tags=["tea", "asia"])
    tab = await site.open("/posts?tag=tea")

    await tab.send(PostsState.add_tag("asia"))
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}/posts?tag=tea&tag=asia"]

    await tab.navigate(tab.redirects[0])
    assert [(each["value"], each["url"]) for each in tab.get(PostsState.chosen)] == [
        ("tea", f"/o/{site.slug}/posts?tag=asia"),
        ("asia", f"/o/{site.slug}/posts?tag=tea"),
    ]


async def test_every_filter_that_is_set_can_be_dropped(site: Site):
    tab = await site.open("/posts?q=tea&author=ada&from=2026-01-02&to=2026-02-03&meta_key=cup&meta_value=glass")

    dropped = {each["name"]: (each["value"], each["url"].partition("?")[2]) for each in tab.get(PostsState.chosen)}

    assert dropped == {
        "author": ("ada", "q=tea&from=2026-01-02&to=2026-02-03&meta_key=cup&meta_value=glass"),
        "from": ("2026-01-02", "q=tea&author=ada&to=2026-02-03&meta_key=cup&meta_value=glass"),
        "to": ("2026-02-03", "q=tea&author=ada&from=2026-01-02&meta_key=cup&meta_value=glass"),
        "meta_key": ("cup glass", "q=tea&author=ada&from=2026-01-02&to=2026-02-03"),
    }


async def test_a_new_post_appears_in_every_open_list(site: Site):
    reader, writer = await site.open("/posts"), await site.open("/posts", site.member)

    await make_post(site.owner, title="Hot off the press")

    for tab in (reader, writer):
        await tab.until(lambda tab=tab: titles(tab) == ["Hot off the press"])
        assert changed(tab) == ["Hot off the press"]
        assert (tab.get(PostsState.news), tab.get(PostsState.news_title)) == ("added", "Hot off the press")


async def test_a_changed_and_a_deleted_post_change_in_every_open_list(site: Site):
    kept, gone = await make_post(site.owner, title="Kept"), await make_post(site.owner, title="Gone")
    tab = await site.open("/posts")

    await blog.update_post(site.owner, kept.id, {"title": "Kept and changed"})
    await tab.until(lambda: changed(tab) == ["Kept and changed"])
    await blog.delete_post(site.owner, gone.id)
    await tab.until(lambda: titles(tab) == ["Kept and changed"])
    assert tab.get(PostsState.news) == "removed"
    await tab.until(lambda: tab.get(PostsState.total) == 1)


async def test_a_draft_is_no_news_until_it_is_published(site: Site):
    draft = await make_post(site.owner, title="Nearly there", status="draft")
    tab = await site.open("/posts")

    await blog.publish_post(site.owner, draft.id)
    await tab.until(lambda: titles(tab) == ["Nearly there"])
    await blog.unpublish_post(site.owner, draft.id)
    await tab.until(lambda: titles(tab) == [])


async def test_another_organisations_post_is_no_news_here(site: Site):
    elsewhere = await make_member(await make_organization())
    tab = await site.open("/posts")

    await make_post(elsewhere, title="Elsewhere")
    await make_post(site.owner, title="Here")

    await tab.until(lambda: titles(tab) == ["Here"])


async def test_nothing_moves_under_a_reader_who_has_scrolled_down(site: Site):
    old = await make_post(site.owner, title="Being read")
    tab = await site.open("/posts")
    await tab.send(PostsState.scrolled(True))

    await make_post(site.owner, title="News")
    await tab.until(lambda: tab.get(PostsState.waiting) == 1)
    await blog.update_post(site.owner, old.id, {"title": "Being read and changed"})
    await tab.until(lambda: titles(tab) == ["Being read and changed"])

    deltas = await tab.send(PostsState.show_waiting)
    assert titles(tab) == ["News", "Being read and changed"]
    assert (changed(tab), tab.get(PostsState.waiting)) == (["News"], 0)
    assert "scroll_to" in str(deltas)


async def test_a_reader_who_scrolls_back_up_is_shown_what_has_waited(site: Site):
    tab = await site.open("/posts")
    await tab.send(PostsState.scrolled(True))
    await make_post(site.owner, title="News")
    await tab.until(lambda: tab.get(PostsState.waiting) == 1)

    await tab.send(PostsState.scrolled(False))

    assert titles(tab) == ["News"]


async def test_a_page_further_down_stays_what_it_is_when_something_new_comes(site: Site):
    for number in range(25):
        await make_post(site.owner, title=f"Number {number}")
    tab = await site.open("/posts")
    await tab.navigate(tab.get(PostsState.older))
    before = titles(tab)

    last = await blog.get_post(site.owner, "number-0")
    await make_post(site.owner, title="News")
    await blog.update_post(site.owner, last.id, {"title": "Number nought"})

    await tab.until(lambda: "Number nought" in titles(tab))
    assert titles(tab) == [*before[:-1], "Number nought"]


async def test_a_private_organisations_list_does_not_exist_for_others(site: Site):
    tab = await site.live.open("/")
    await make_post(site.owner)
    await close_to_others(site)

    with pytest.raises(Exception, match="could not find"):
        await tab.navigate(f"/o/{site.slug}/posts")
    await tab.until(lambda: tab.get(ShellState.problem) == "missing")
    assert tab.get(PostsState.rows) == []


async def close_to_others(site: Site) -> None:
    async with repo.transaction() as session:
        organization = await session.merge(site.organization)
        organization.visibility = Visibility.PRIVATE


async def test_a_lost_connection_loses_nothing(site: Site):
    await make_post(site.owner, title="Green tea", tags=["tea"])
    tab = await site.open("/posts?tag=tea")

    tab = await tab.reconnect(noticed=False)

    assert titles(tab) == ["Green tea"]
    await make_post(site.owner, title="Black tea", tags=["tea"])
    await tab.until(lambda: titles(tab) == ["Black tea", "Green tea"])


@pytest.mark.parametrize(
    "query", ["", "?status=all", "?status=draft", "?tag=tea&tag=asia", "?q=post", "?sort=views", "?author={}"]
)
async def test_the_number_of_queries_does_not_grow_with_the_list(site: Site, query: str):
    assert site.owner.user_id is not None
    path = f"/posts{query}".format((await accounts.get_user(site.owner, site.owner.user_id)).username)

    async def opened(count: int) -> int:
        for _ in range(count):
            post = await make_post(site.owner, tags=["tea", "asia"])
            await make_comment(site.member, post)
        with site.queries() as queries:
            tab = await site.open(path, site.owner)
        await tab.close()  # or it would read again what comes next
        return len(queries)

    assert await opened(1) == await opened(18) <= 18


async def test_what_browsers_may_not_call_is_refused(site: Site):
    tab = await site.open("/posts")
    name = PostsState.get_full_name()
    before = tab.get(PostsState.rows)

    for handler, payload in [("load_counts", {}), ("posts_changed", {"events": []}), ("_show_filters", {})]:
        deltas: list[Any] = tab.deltas.copy()
        await tab.send_raw(f"{name}.{handler}", payload)
        assert tab.deltas == deltas
    assert tab.get(PostsState.rows) == before


async def test_statuses_are_tabs_for_members(site: Site):
    tab = await site.open("/posts?q=tea&status=draft", site.member)

    assert tab.get(PostsState.status) == PostStatus.DRAFT
    assert tab.get(PostsState.status_urls)["published"] == f"/o/{site.slug}/posts?q=tea"
    assert tab.get(PostsState.status_urls)["all"] == f"/o/{site.slug}/posts?q=tea&status=all"
