"""Tags, search, the two front pages, and short forms of addresses."""

from __future__ import annotations

import pytest

from myapp import blog
from myapp.accounts import Visibility
from myapp.blog import search
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.web.blog.home.state import HomeState, OrganizationState
from myapp.web.blog.search.state import UNKNOWN, SearchState
from myapp.web.blog.tags.state import TagsState, TagState
from myapp.web.shell import ShellState
from tests.factories.accounts import make_member, make_organization, make_session, make_user
from tests.factories.blog import make_post
from tests.live_tab import FIELD_MARK
from tests.web.blog.conftest import Site


async def titles(site: Site, topic: str) -> list[str]:
    return [row["title"] for row in await site.rows_of(topic)]


async def test_every_tag_with_its_number_of_posts_is_a_stream(site: Site):
    await make_post(site.owner, tags=["Tea"])
    for who in (None, site.member):
        tab = await site.open("/tags", who)
        (row,) = await site.rows_of(tab.get(TagsState.topic), who)
        assert (row["name"], row["url"], row["count"]) == ("Tea", f"/o/{site.slug}/tags/tea", 1)


async def test_the_posts_under_a_tag(site: Site):
    post = await make_post(site.owner, title="Green", tags=["Tea"])
    await make_post(site.owner, title="Elsewhere")
    tab = await site.open("/tags/tea")
    assert (tab.get(TagState.name), await titles(site, tab.get(TagState.topic))) == ("Tea", ["Green"])

    await make_post(site.owner, title="Black", tags=["Tea"])
    await tab.until(lambda: tab.get(TagState.count) == 2)
    await blog.update_post(site.owner, post.id, {"tags": []})
    await tab.until(lambda: tab.get(TagState.count) == 1)
    assert await titles(site, tab.get(TagState.topic)) == ["Black"]


async def test_an_unknown_tag_is_a_missing_page(site: Site):
    tab = await site.open("/tags")
    with pytest.raises(NotFound):
        await tab.navigate(f"/o/{site.slug}/tags/nothing")
    await tab.until(lambda: tab.get(ShellState.problem) == "missing")


async def test_search_answers_what_the_address_asks_marked_and_escaped(site: Site):
    await make_post(site.owner, title="Frost <b>& beans", body="The frost came late this year.")
    await make_post(site.owner, title="Summer", body="Nothing of the kind.")

    tab = await site.open("/search?q=frost")
    await tab.until(lambda: tab.get(SearchState.total) == 1)

    (hit,) = await site.rows_of(tab.get(SearchState.topic))
    assert hit["title_html"] == "<mark>Frost</mark> &lt;b&gt;&amp; beans"
    assert "<mark>frost</mark>" in hit["snippet_html"]
    assert tab.get(SearchState.asked) == "frost"


@pytest.mark.parametrize("query", ["", "q=", "q=%00", "q=+", "page=2"])
async def test_a_search_for_nothing_follows_nothing(site: Site, query: str):
    await make_post(site.owner, title="Frost")
    tab = await site.open(f"/search?{query}")
    assert (tab.get(SearchState.topic), tab.get(SearchState.total), tab.get(ShellState.problem)) == ("", UNKNOWN, "")


@pytest.mark.parametrize(
    "query", ["q='%22)(%26|!*:", "q=nothing+like+it&page=-3", "q=x", "q=the", "q=%ed%a0%80", "q=" + "%E8%8C%B6" * 300]
)
async def test_a_search_without_an_answer_is_an_empty_page(site: Site, query: str):
    await make_post(site.owner, title="Frost")
    tab = await site.open(f"/search?{query}")
    await tab.until(lambda: tab.get(SearchState.total) == 0)
    assert (await site.rows_of(tab.get(SearchState.topic)), tab.get(ShellState.problem)) == ([], "")


async def test_the_number_found_follows_what_is_written_and_stays_until_the_next_is_known(site: Site):
    post = await make_post(site.owner, title="Frost")
    tab = await site.open("/search?q=frost")
    await tab.until(lambda: tab.get(SearchState.total) == 1)
    await make_post(site.owner, title="Frost again")
    await tab.until(lambda: tab.get(SearchState.total) == 2)
    await blog.delete_post(site.owner, post.id)
    await tab.until(lambda: tab.get(SearchState.total) == 1)

    tab.deltas.clear()
    await tab.navigate(f"/o/{site.slug}/search?q=nothing+of+the+kind")
    await tab.until(lambda: tab.get(SearchState.total) == 0)
    assert f"'total{FIELD_MARK}': {UNKNOWN}" not in str(tab.deltas)

    await tab.navigate(f"/o/{site.slug}/search")
    await tab.until(lambda: tab.get(SearchState.total) == UNKNOWN)


async def test_a_number_that_ends_before_the_posts_do_is_the_least_there_are(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "ENOUGH", 1)
    for _ in range(3):
        await make_post(site.owner, title="Something", body="The frost came late this year.")

    tab = await site.open("/search?q=frost")
    await tab.until(lambda: tab.get(SearchState.total) == 2)
    assert not tab.get(SearchState.is_all)

    await tab.navigate(f"/o/{site.slug}/search?q=nothing+of+the+kind")
    await tab.until(lambda: tab.get(SearchState.total) == 0)
    assert tab.get(SearchState.is_all)


async def test_who_searches_alike_follows_the_same_and_members_what_is_for_them(site: Site):
    asked = [await site.open(f"/search?{query}", site.member) for query in ("q=frost", "page=2&q=+frost+")]
    asked.append(await site.open("/search?q=frost", site.owner))
    visitor = await site.open("/search?q=frost")
    assert len({tab.get(SearchState.topic) for tab in asked}) == 1
    assert visitor.get(SearchState.topic) == asked[0].get(SearchState.topic).replace(":members", "")


async def test_a_search_holds_no_posts(site: Site):
    tab = await site.open("/search?q=frost")
    await tab.until(lambda: tab.get(SearchState.total) == 0)
    before = tab.bytes_received
    await make_post(site.owner, title="Frost that nobody's state has to know")
    await tab.until(lambda: tab.get(SearchState.total) == 1)
    assert "Frost that nobody" not in str(tab.deltas)
    assert tab.bytes_received - before < 300


async def test_the_front_page_shows_public_organisations(site: Site):
    private = await make_organization(Visibility.PRIVATE)
    insider = await make_member(private)

    for who, own in ((None, []), (site.member, []), (insider, [private.name])):
        tab = await site.live.open("/", cookies=await site.cookies_of(who))
        rows = await site.rows_of(tab.get(HomeState.topic), who)
        assert [row["name"] for row in rows] == [site.organization.name]
        assert [place["name"] for place in tab.get(HomeState.own)] == own
    assert tab.get(HomeState.roles) == {str(private.id): "member"}


async def test_who_belongs_to_no_organisation_yet_is_told_what_to_do(site: Site):
    newcomer = {"session": await make_session((await make_user()).id)}
    for cookies, is_told in ((None, False), (await site.cookies_of(site.member), False), (newcomer, True)):
        tab = await site.live.open("/", cookies=cookies)
        assert tab.get(HomeState.is_newcomer) is is_told


async def test_an_organisations_front_page_puts_featured_posts_first(site: Site):
    post = await make_post(site.owner, title="Featured", tags=["Tea"])
    await make_post(site.member, title="Latest")
    tab = await site.open("")
    assert await titles(site, tab.get(OrganizationState.topic)) == ["Latest", "Featured"]
    assert await titles(site, tab.get(OrganizationState.featured_topic)) == []
    assert not tab.get(OrganizationState.has_featured)
    assert [tag["name"] for tag in tab.get(OrganizationState.tags)] == ["Tea"]
    assert {author["name"] for author in tab.get(OrganizationState.authors)} == {"Olga Owner", "Mia Member"}

    await blog.feature_post(site.owner, post.id, on=True)

    assert await titles(site, tab.get(OrganizationState.featured_topic)) == ["Featured"]
    assert (await site.open("")).get(OrganizationState.has_featured)


@pytest.mark.parametrize("path", ["", "/tags", "/tags/tea", "/search?q=post"])
async def test_the_number_of_queries_does_not_grow_with_what_is_listed(site: Site, path: str):
    async def opened(count: int) -> int:
        for _ in range(count):
            await make_post(site.owner, tags=["Tea"])
        with site.queries() as queries:
            tab = await site.open(path, site.owner)
        await tab.close()
        return len(queries)

    assert await opened(1) == await opened(8) <= 16


async def test_the_number_of_queries_of_the_front_page_does_not_grow(site: Site):
    async def opened(count: int) -> int:
        for _ in range(count):
            await make_post(await make_member(await make_organization()), tags=["Tea"])
        with site.queries() as queries:
            tab = await site.live.open("/", cookies=await site.cookies_of(site.member))
        await tab.close()
        return len(queries)

    assert await opened(1) == await opened(8) <= 12


async def test_a_short_address_leads_to_the_persons_organisation(site: Site):
    tab = await site.live.open("/posts?tag=tea", cookies=await site.cookies_of(site.member))
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}/posts?tag=tea"]


async def test_the_dashboard_leads_to_the_front_page_of_the_persons_organisation(site: Site):
    tab = await site.live.open("/dashboard?days=7", cookies=await site.cookies_of(site.member))
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}"]


async def test_a_short_address_asks_a_visitor_who_they_are(site: Site):
    tab = await site.live.open("/")
    with pytest.raises(Unauthenticated):
        await tab.navigate("/write")
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == ["/log-in?back=%2Fwrite"]


async def test_a_short_address_leads_somebody_without_organisation_to_the_directory(site: Site):
    user = await make_user()
    tab = await site.live.open("/posts", cookies={"session": await make_session(user.id)})
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == ["/"]
    assert [each["text"] for each in tab.get(ShellState.flashes)] == [
        "That is done in an organisation, and you belong to none yet."
    ]
