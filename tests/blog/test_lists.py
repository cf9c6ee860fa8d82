"""Lists of posts: what the filters let through, in which order, page by page, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from myapp import accounts, blog
from myapp.accounts import Organization, User, Visibility
from myapp.blog import PostFilters, PostStatus
from myapp.kit.clock import new_id, now
from myapp.kit.errors import NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post, set_columns

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, name="Ann Author")


async def titles(scope: Scope, filters: PostFilters | None = None, **options: Any) -> list[str]:
    page = await blog.list_posts(scope, filters or PostFilters(), **options)
    return [card.title for card in page.entries]


async def test_a_card_says_what_a_list_shows(organization: Organization, author: Scope) -> None:
    post = await make_post(author, title="Hello", body="word " * 100, tags="two, one")
    await make_comment(author, post)
    [card] = (await blog.list_posts(author)).entries
    assert (card.org_slug, card.author_name, card.comment_count) == (organization.slug, "Ann Author", 1)
    assert [tag.name for tag in card.tags] == ["one", "two"]
    assert card.excerpt.endswith("word…")
    assert 290 < len(card.excerpt) <= 300


async def test_the_authors_own_excerpt_comes_first(author: Scope) -> None:
    await make_post(author, excerpt="  In my\nown words. ")
    assert (await blog.list_posts(author)).entries[0].excerpt == "In my own words."


PROSE = "It is made of what there is in the garden in the month of May, and of nothing else."


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        (f"# Soup\n\n{PROSE}\n\n## Then\n\n{PROSE}", PROSE),
        (f"| a | b |\n|---|---|\n| 1 | 2 |\n\n{PROSE}\n\n```\nselect 1\n```", PROSE),
        ("# Soup\n\nStir it.\n\n```\nstir()\n```", "Soup Stir it. stir()"),
    ],
)
async def test_headings_code_and_tables_make_no_excerpt(author: Scope, body: str, excerpt: str) -> None:
    await make_post(author, body=body)
    assert (await blog.list_posts(author)).entries[0].excerpt == excerpt


async def test_a_long_stretch_after_a_heading_is_cut_between_words(author: Scope) -> None:
    await make_post(author, body="# Soup\n\n" + "word " * 100)
    excerpt = (await blog.list_posts(author)).entries[0].excerpt
    assert excerpt.startswith("word word")
    assert excerpt.endswith(" word…")
    assert 285 < len(excerpt) <= 300


async def test_published_posts_come_newest_first_unless_asked_otherwise(author: Scope) -> None:
    for days, views in ((3, 5), (1, 9), (2, 9)):
        post = await make_post(author, title=f"{days} days", published_at=now() - timedelta(days=days))
        await set_columns(post, view_count=views)
    assert await titles(author) == ["1 days", "2 days", "3 days"]
    assert await titles(author, sort="oldest") == ["3 days", "2 days", "1 days"]
    assert (await titles(author, sort="views"))[2] == "3 days"


async def written_over_the_years(author: Scope) -> None:
    """Of three posts and a draft the oldest were written down last, as an import does."""
    for year in (2026, 2018, 2010):
        await make_post(author, title=f"Of {year}", published_at=datetime(year, 3, 1, tzinfo=UTC))
    draft = await make_post(author, title="Draft of 2014", status="draft")
    await set_columns(draft, inserted_at=datetime(2014, 3, 1, tzinfo=UTC))


async def test_a_list_of_every_status_goes_by_the_time_that_it_shows(author: Scope) -> None:
    await written_over_the_years(author)
    everything, newest = PostFilters(status=None), ["Of 2026", "Of 2018", "Draft of 2014", "Of 2010"]
    assert await titles(author, everything) == newest
    assert await titles(author, everything, page=1) == newest
    assert await titles(author, everything, sort="oldest") == newest[::-1]
    first = await blog.list_posts(author, everything, limit=2)
    assert await titles(author, everything, after=first.after) == newest[2:]
    oldest = await blog.list_posts(author, everything, sort="oldest", limit=2)
    assert await titles(author, everything, sort="oldest", after=oldest.after) == newest[1::-1]
    assert [card.dated_at.year for card in first.entries] == [2026, 2018]


async def test_a_list_of_every_status_is_narrowed_by_the_time_that_it_shows(author: Scope) -> None:
    await written_over_the_years(author)
    filters = PostFilters(status=None, since=date(2012, 1, 1), until=date(2019, 1, 1))
    assert await titles(author, filters) == ["Of 2018", "Draft of 2014"]
    assert await blog.count_posts(author, filters) == 2


async def test_drafts_are_found_by_their_author_and_by_moderators(organization: Organization, author: Scope) -> None:
    await make_post(author, title="Mine", status="draft")
    other, moderator = await make_member(organization), await make_member(organization, Role.MODERATOR)
    drafts = PostFilters(status=PostStatus.DRAFT)
    assert [await titles(scope, drafts) for scope in (author, moderator, other)] == [["Mine"], ["Mine"], []]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (PostFilters(tags=("red",)), ["Both", "Red"]),
        (PostFilters(tags=("red", "blue")), ["Both"]),
        (PostFilters(tags=("red", "unknown")), []),
        (PostFilters(author="BOB"), ["Both"]),
        (PostFilters(author="nobody"), []),
        (PostFilters(meta_key="level", meta_value="3"), ["Red"]),
        (PostFilters(meta_key="level", meta_value="three"), ["Both"]),
        (PostFilters(meta_key="level"), ["Both", "Red"]),
        (PostFilters(meta_key="missing"), []),
        (PostFilters(text="crimson"), ["Red"]),
        (PostFilters(text="crims"), ["Red"]),
        (PostFilters(text="!?"), []),
        (PostFilters(featured=True), ["Red"]),
        (PostFilters(tags=("red",), meta_key="level", meta_value="3", text="crimson"), ["Red"]),
        (PostFilters(text="crimson", tags=("blue",)), []),
    ],
)
async def test_every_filter_must_hold(
    organization: Organization, author: Scope, filters: PostFilters, expected: list[str]
) -> None:
    bob = await make_member(organization)
    async with transaction(SYSTEM) as session:
        user = await session.get_one(User, bob.user_id)
        user.username = "Bob"
    red = await make_post(author, title="Red", body="A crimson thing.", tags="Red", meta={"level": 3})
    await set_columns(red, is_featured=True)
    await make_post(bob, title="Both", tags="red, blue", meta={"level": "three"})
    await make_post(author, title="Neither")
    assert await titles(author, filters) == expected
    assert await blog.count_posts(author, filters) == len(expected)


async def test_a_word_that_most_posts_have_is_found_in_order_and_page_by_page(author: Scope) -> None:
    titles = [(await make_post(author, title=f"Harbour {number}")).title for number in range(25)]
    await make_post(author, title="Something else", body="Nothing of the kind in it.")
    filters = PostFilters(text="harbour")
    first = await blog.list_posts(author, filters, limit=20)
    second = await blog.list_posts(author, filters, limit=20, after=first.after)
    assert [card.title for card in (*first.entries, *second.entries)] == titles[::-1]
    assert (await blog.count_posts(author, filters), second.after) == (25, None)


async def test_dates_are_whole_days_and_both_ends_count(author: Scope) -> None:
    noon = now().replace(hour=12) - timedelta(days=10)
    for days in range(4):
        await make_post(author, title=f"Day {days}", published_at=noon + timedelta(days=days))
    since, until = (noon + timedelta(days=1)).date(), (noon + timedelta(days=2)).date()
    assert await titles(author, PostFilters(since=since, until=until)) == ["Day 2", "Day 1"]
    assert len(await titles(author, PostFilters(since=date.min, until=date.max))) == 4


async def test_without_an_organisation_the_list_is_of_all_public_ones(db: object) -> None:
    for visibility in Visibility:
        await make_post(await make_member(await make_organization(visibility)), title=visibility.value)
    assert await titles(Scope.anonymous()) == ["public"]
    assert sorted(await titles(Scope.system("a test"))) == ["private", "public"]


@pytest.mark.parametrize("sort", ["newest", "oldest", "views"])
async def test_pages_by_keyset_show_each_post_once_forwards_and_backwards(author: Scope, sort: Any) -> None:
    for number in range(7):
        await make_post(author, title=f"Post {number}", published_at=now() - timedelta(days=number // 2))
    everything = await titles(author, sort=sort)
    seen, page = [], await blog.list_posts(author, sort=sort, limit=3)
    while True:
        seen += [card.title for card in page.entries]
        if page.after is None:
            break
        page = await blog.list_posts(author, sort=sort, limit=3, after=page.after)
    assert seen == everything
    back = await blog.list_posts(author, sort=sort, limit=3, before=page.before)
    assert [card.title for card in back.entries] == everything[3:6]


async def test_pages_by_number_are_counted(author: Scope) -> None:
    for _ in range(5):
        await make_post(author)
    page = await blog.list_posts(author, page=2, limit=2)
    assert (len(page.entries), page.page, page.total_count, page.total_pages) == (2, 2, 5, 3)


@pytest.mark.parametrize("cursor", ["nonsense", "", "\x00", "é" * 500, "eyJhIjogMX0="])
async def test_a_made_up_cursor_is_not_found(author: Scope, cursor: str) -> None:
    if cursor:
        with pytest.raises(NotFound):
            await blog.list_posts(author, after=cursor)
    else:
        assert await titles(author, after=cursor) == []


async def test_hostile_filters_find_nothing_and_break_nothing(author: Scope) -> None:
    await make_post(author)
    for text in ("'; drop table posts; --", "\x00", "\ud800", "a" * 10_000, "' | ! & <-> :*", '"', "\\"):
        for filters in (
            PostFilters(text=text, status=None),
            PostFilters(tags=(text,)),
            PostFilters(author=text),
            PostFilters(meta_key=text, meta_value=text),
        ):
            assert await titles(author, filters) == []


async def test_a_list_takes_the_same_number_of_queries_however_long_it_is(
    author: Scope, assert_queries: AssertQueries
) -> None:
    username = (await accounts.get_user(author, author.user_id or new_id())).username
    for number in range(6):
        post = await make_post(author, tags=f"one, two, tag {number}")
        await make_comment(author, post)
        with assert_queries(1):
            await blog.list_posts(author)
        with assert_queries(2):
            await blog.list_posts(author, page=2, limit=3)
        with assert_queries(5):
            await blog.list_posts(author, PostFilters(text="body", tags=("one", "two"), author=username))


async def test_events_lead_to_cards_that_only_readers_get(organization: Organization, author: Scope) -> None:
    post = await make_post(author, status="draft")
    card = await blog.fetch_card(author, post.id)
    assert card is not None
    assert card.status is PostStatus.DRAFT
    assert await blog.fetch_card(Scope.anonymous(organization.id), post.id) is None


@pytest.mark.parametrize("slug", ["\x00", "\ud800", "x" * 10_000, "../../etc", "%00"])
async def test_a_hostile_address_is_not_found(organization: Organization, author: Scope, slug: str) -> None:
    for find in (blog.get_post(author, slug), blog.get_tag(author, slug), accounts.scope_for(None, slug)):
        with pytest.raises(NotFound):
            await find
    with pytest.raises(NotFound):
        await accounts.get_organization_by_slug(author, slug)


async def test_all_tags_count_what_each_counts_alone(organization: Organization, author: Scope) -> None:
    private = await make_organization(visibility=Visibility.PRIVATE)
    insider = await make_member(private)
    for scope, tags, status in (
        (author, "red, blue", "published"), (author, "red", "published"), (author, "red, green", "draft"),
        (insider, "red, secret", "published"), (insider, "hidden", "draft"),
    ):  # fmt: skip
        await make_post(scope, tags=tags, status=status)
    expected = {author: {"red": 2, "blue": 1}, Scope.anonymous(organization.id): {"red": 2, "blue": 1}}
    expected |= {insider: {"red": 1, "secret": 1}, Scope.anonymous(private.id): {}}
    for scope, counts in expected.items():
        found = await blog.list_tags(scope)
        assert {tag.slug: tag.post_count for tag in found} == counts
        assert [await blog.get_tag(scope, tag.slug) for tag in found] == found
    assert sorted((tag.slug, tag.post_count) for tag in await blog.list_tags(Scope.anonymous())) == [
        ("blue", 1),
        ("red", 2),
    ]
