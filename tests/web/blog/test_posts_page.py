"""The list of posts: what its address asks for, and what happens to it while it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from myapp import accounts, blog
from myapp.accounts import Visibility
from myapp.blog import PostStatus
from myapp.kit import repo, routes
from myapp.kit.scope import Scope
from myapp.kit.streams import Row
from myapp.web.blog.posts.state import PostsState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.live import Tab
from tests.web.blog.conftest import Site


async def rows(site: Site, tab: Tab, scope: Scope | None = None) -> Sequence[Row]:
    """What the stream shows that the tab of this person follows."""
    return await site.rows_of(tab.get(PostsState.topic), scope)


async def titles(site: Site, tab: Tab, scope: Scope | None = None) -> list[str]:
    return [row["title"] for row in await rows(site, tab, scope)]


async def test_a_visitor_finds_what_is_published_newest_first(site: Site):
    await make_post(site.member, title="First of all")
    await make_post(site.member, title="Still being written", status="draft")
    await make_post(site.owner, title="Then another", tags=["Tea"])

    tab = await site.open("/posts")

    assert await titles(site, tab) == ["Then another", "First of all"]
    row = (await rows(site, tab))[0]
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

    assert await titles(site, tab, site.owner) == expected


async def test_the_list_of_one_author(site: Site):
    await make_post(site.owner, title="Hers")
    await make_post(site.member, title="His")
    tab = await site.open("/posts")
    [his] = [row for row in await rows(site, tab) if row["title"] == "His"]
    await tab.navigate(routes.posts(his["org_slug"], author=his["author_username"]))

    assert await titles(site, tab) == ["His"]


async def test_the_author_who_is_set_is_offered_whether_or_not_they_are_among_the_most_read(site: Site):
    await make_post(site.owner)
    [post] = await rows(site, await site.open("/posts"))
    author = post["author_username"]

    tab = await site.open(f"/posts?author={author}")
    await tab.until(lambda: [each["value"] for each in tab.get(PostsState.authors)] == [author])
    assert tab.get(PostsState.other_author) == ""

    await tab.navigate(f"/o/{site.slug}/posts?author=nobody")
    assert tab.get(PostsState.other_author) == "nobody"


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


async def test_the_tags_that_are_offered_fit_what_is_typed_and_are_not_asked_for_yet(site: Site):
    await make_post(site.owner, tags=["tea", "teapots", "asia"])
    tab = await site.open("/posts?tag=tea")
    await tab.send(PostsState.suggest("te", "7"))
    assert tab.get(PostsState.suggestions) == [{"value": "teapots", "name": "teapots", "hint": ""}]
    assert tab.get(PostsState.answered) == "7"

    await tab.navigate(f"/o/{site.slug}/posts?tag=tea&tag=asia")
    assert tab.get(PostsState.answered) == "7"  # what is typed into the same page goes on
    elsewhere = await make_organization()
    await make_post(await make_member(elsewhere), tags=["teahouse"])
    await tab.navigate(f"/o/{elsewhere.slug}/posts")
    assert tab.get(PostsState.suggestions) == []
    await tab.send(PostsState.suggest("te", "8"))
    assert [each["name"] for each in tab.get(PostsState.suggestions)] == ["teahouse"]


async def test_every_filter_that_is_set_can_be_dropped(site: Site):
    tab = await site.open("/posts?q=tea&author=ada&from=2026-01-02&to=2026-02-03&meta_key=cup&meta_value=glass")

    dropped = {each["name"]: (each["value"], each["url"].partition("?")[2]) for each in tab.get(PostsState.chosen)}

    assert dropped == {
        "author": ("ada", "q=tea&from=2026-01-02&to=2026-02-03&meta_key=cup&meta_value=glass"),
        "from": ("Jan 2, 2026", "q=tea&author=ada&to=2026-02-03&meta_key=cup&meta_value=glass"),
        "to": ("Feb 3, 2026", "q=tea&author=ada&from=2026-01-02&meta_key=cup&meta_value=glass"),
        "meta_key": ("cup glass", "q=tea&author=ada&from=2026-01-02&to=2026-02-03"),
    }


async def test_a_private_organisations_list_does_not_exist_for_others(site: Site):
    tab = await site.live.open("/")
    await make_post(site.owner)
    await close_to_others(site)

    with pytest.raises(Exception, match="could not find"):
        await tab.navigate(f"/o/{site.slug}/posts")
    await tab.until(lambda: tab.get(ShellState.problem) == "missing")
    assert tab.get(PostsState.topic) == ""


async def close_to_others(site: Site) -> None:
    async with repo.transaction(SYSTEM) as session:
        organization = await session.merge(site.organization)
        organization.visibility = Visibility.PRIVATE


async def test_a_lost_connection_loses_nothing(site: Site):
    await make_post(site.owner, title="Green tea", tags=["tea"])
    tab = await site.open("/posts?tag=tea")
    topic = tab.get(PostsState.topic)

    tab = await tab.reconnect(noticed=False)

    assert tab.get(PostsState.topic) == topic
    assert await titles(site, tab) == ["Green tea"]


async def test_the_number_of_posts_is_kept_up_to_date(site: Site):
    tab = await site.open("/posts")
    post = await make_post(site.owner)
    await tab.until(lambda: tab.get(PostsState.total) == 1)
    await blog.delete_post(site.owner, post.id)
    await tab.until(lambda: tab.get(PostsState.total) == 0)


async def test_readers_who_ask_for_the_same_follow_the_same(site: Site):
    asked = [
        await site.open(f"/posts?{query}", site.member)
        for query in ("tag=tea&tag=asia&q=cup", "q=cup&sort=newest&tag=asia&tag=tea&status=published")
    ]
    assert len({tab.get(PostsState.topic) for tab in asked}) == 1


async def test_a_long_search_still_has_a_topic(site: Site):
    tab = await site.open("/posts?q=" + "%E8%8C%B6" * 200)
    assert await titles(site, tab) == []


async def test_a_page_holds_no_posts(site: Site):
    """Not the list, but a fixed few bytes more for each reader: one million posts cost a reader the same."""
    tab = await site.open("/posts")
    before = tab.bytes_received
    await make_post(site.owner, title="A title that nobody's state has to know")
    await tab.until(lambda: tab.get(PostsState.total) == 1)
    assert "A title that nobody" not in str(tab.deltas)
    assert tab.bytes_received - before < 300


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
            await rows(site, tab, site.owner)
        await tab.close()  # or it would count again what comes next
        return len(queries)

    assert await opened(1) == await opened(18) <= 20


async def test_what_browsers_may_not_call_is_refused(site: Site):
    tab = await site.open("/posts")
    name = PostsState.get_full_name()
    before = tab.get(PostsState.topic)

    for handler, payload in [("load_counts", {}), ("posts_changed", {"events": []}), ("_show_filters", {})]:
        deltas: list[Any] = tab.deltas.copy()
        await tab.send_raw(f"{name}.{handler}", payload)
        assert tab.deltas == deltas
    assert tab.get(PostsState.topic) == before


async def test_rows_of_every_status_stand_where_the_date_that_they_show_puts_them(site: Site):
    for year in (2026, 2010):
        await make_post(site.owner, title=f"Of {year}", published_at=datetime(year, 3, 1, tzinfo=UTC))
    await make_post(site.owner, title="A draft", status="draft")
    tab = await site.open("/posts?status=all", site.owner)

    shown = await rows(site, tab, site.owner)
    assert [row["title"] for row in shown] == ["A draft", "Of 2026", "Of 2010"]
    assert [datetime.fromisoformat(key) for row in shown for key in row["sort"]] == [
        datetime.fromisoformat(row["at"]) for row in shown
    ]


async def test_statuses_are_tabs_for_members(site: Site):
    tab = await site.open("/posts?q=tea&status=draft", site.member)

    assert tab.get(PostsState.status) == PostStatus.DRAFT
    assert tab.get(PostsState.status_urls)["published"] == f"/o/{site.slug}/posts?q=tea"
    assert tab.get(PostsState.status_urls)["all"] == f"/o/{site.slug}/posts?q=tea&status=all"


@pytest.mark.parametrize(
    ("query", "is_narrowed"),
    [("", False), ("?status=draft", False), ("?status=all&sort=views", False), ("?status=draft&q=tea", True)],
)
async def test_a_tab_alone_is_no_filter_that_could_be_taken_away(site: Site, query: str, *, is_narrowed: bool):
    tab = await site.open(f"/posts{query}", site.member)
    assert tab.get(PostsState.is_narrowed) is is_narrowed


@pytest.mark.parametrize("slug", [-1, ["a"], {"a": "b"}, None, "\ud800", ""])
async def test_what_can_be_no_tag_leads_nowhere(site: Site, slug: object):
    tab = await site.open("/posts")
    await tab.send_raw(f"{PostsState.get_full_name()}.add_tag", {"slug": slug})
    assert tab.redirects == []
