"""Numbers that are cached: right after every change, and only for those who may look into the organisation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from myapp import accounts, blog
from myapp.accounts import Organization, Visibility
from myapp.blog import counting
from myapp.kit import cache, jobs
from myapp.kit.errors import Forbidden
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post, set_columns

NAMES = {"tag counts", "author numbers", "featured posts", "posts by views"}

type Counter = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture(autouse=True)
async def _cached() -> AsyncGenerator[None]:
    async with cache.running(None):
        yield


async def tags_of(scope: Scope) -> dict[str, int]:
    return {tag.slug: tag.post_count for tag in await blog.list_tags(scope)}


async def authors_of(scope: Scope) -> dict[str, int]:
    return {author.name: author.post_count for author in await blog.list_author_stats(scope)}


async def both(scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    return await tags_of(scope), await authors_of(scope)


async def test_the_second_who_asks_costs_next_to_nothing(
    organization: Organization, ada: Scope, assert_queries: Counter
) -> None:
    await make_post(ada, tags="red")
    first = await both(ada)
    with assert_queries(1):  # the names of the authors
        assert await both(ada) == first
    with assert_queries(3):  # and twice whether a visitor may look
        assert await both(Scope.anonymous(organization.id)) == first


async def test_every_change_is_there_at_once(organization: Organization) -> None:
    owner = await make_member(organization, Role.OWNER, name="Ada")
    mei = await make_member(organization, name="Mei")
    assert await both(owner) == ({}, {})
    post = await make_post(owner, tags="red, blue")
    assert await both(owner) == ({"blue": 1, "red": 1}, {"Ada": 1})
    await blog.update_post(owner, post.id, {"tags": "red"})
    assert await both(owner) == ({"red": 1}, {"Ada": 1})
    await blog.unpublish_post(owner, post.id)
    assert await both(owner) == ({}, {})
    await blog.publish_post(owner, post.id)
    assert await both(owner) == ({"red": 1}, {"Ada": 1})
    assert mei.user_id is not None
    await blog.transfer_post(owner, post.id, mei.user_id)
    assert await both(owner) == ({"red": 1}, {"Mei": 1})
    await blog.delete_post(owner, post.id)
    assert await both(owner) == ({}, {})


async def test_what_is_featured_is_counted_once_an_hour_and_after_every_change(
    organization: Organization, assert_queries: Counter
) -> None:
    owner, visitor = await make_member(organization, Role.OWNER), Scope.anonymous(organization.id)
    assert await blog.count_featured(visitor) == 0
    post, _ = await make_post(owner), await make_post(owner)
    for on in (True, False, True):
        await blog.feature_post(owner, post.id, on=on)
        assert await blog.count_featured(owner) == on
    with assert_queries(0):
        assert await blog.count_featured(owner) == 1
    await blog.unpublish_post(owner, post.id)
    assert await blog.count_featured(visitor) == 0
    await blog.publish_post(owner, post.id)
    await blog.delete_post(owner, post.id)
    assert await blog.count_featured(visitor) == 0
    assert [each.ttl for each in cache.stats() if each.name == "featured posts"] == [3600]


async def test_a_name_is_never_an_old_one(ada: Scope) -> None:
    await make_post(ada)
    assert await authors_of(ada) == {"Ada": 1}
    await accounts.update_profile(ada, {"name": "Augusta"})
    assert await authors_of(ada) == {"Augusta": 1}


async def test_places_by_views_are_the_same_from_the_cache(
    organization: Organization, ada: Scope, assert_queries: Counter
) -> None:
    posts = [await make_post(ada) for _ in range(4)]
    for post, views in zip(posts, (7, 3, 3, 1), strict=True):
        await set_columns(post, view_count=views)
    await cache.forget(organization.id, "posts")

    async def places(*ids: UUID) -> list[int]:
        ranks = await blog.rank_posts(ada, ids)
        return [ranks[each].rank_overall for each in ids]

    ids = [post.id for post in posts]
    assert await places(*ids) == [1, 2, 2, 4]
    with assert_queries(1):
        assert await places(*ids) == [1, 2, 2, 4]
    await blog.delete_post(ada, ids[0])
    assert await places(*ids[1:]) == [1, 1, 3]
    new = await make_post(ada)
    await set_columns(new, view_count=2)  # views are written without a word
    assert await places(new.id) == [3]
    assert await blog.rank_posts(Scope.anonymous(organization.id), [new.id]) != {}


@pytest.mark.usefixtures("db")
async def test_who_may_not_look_gets_nothing_of_what_others_have_warmed() -> None:
    private = await make_organization(visibility=Visibility.PRIVATE)
    insider = await make_member(private, name="Ann")
    post = await make_post(insider, tags="secret")
    assert await blog.rank_posts(insider, [post.id]) != {}
    assert await both(insider) == ({"secret": 1}, {"Ann": 1})
    owner = await make_member(private, Role.OWNER)
    await blog.feature_post(owner, post.id, on=True)
    assert await blog.count_featured(insider) == 1
    stranger = await make_member(await make_organization())
    foreign = Scope(user_id=stranger.user_id, org_id=private.id)
    for scope in (Scope.anonymous(private.id), foreign, stranger):
        assert await both(scope) == ({}, {})
        assert await blog.rank_posts(scope, [post.id]) == {}
        assert await blog.count_featured(scope) == 0


async def test_what_becomes_private_is_gone_for_visitors_at_once(organization: Organization) -> None:
    owner, visitor = await make_member(organization, Role.OWNER), Scope.anonymous(organization.id)
    await make_post(owner, tags="red")
    assert await tags_of(visitor) == {"red": 1}
    await accounts.update_organization(owner, organization.id, {"visibility": "private"})
    assert await both(visitor) == ({}, {})


async def test_it_does_not_depend_on_who_asks_first(organization: Organization) -> None:
    owner = await make_member(organization, Role.OWNER, name="Ada")
    await make_post(owner, tags="red")
    await make_post(owner, tags="hidden", status="draft")
    expected = ({"red": 1}, {"Ada": 1})
    for first in (owner, Scope.anonymous(organization.id), await make_member(organization)):
        await cache.forget(organization.id, "tags", "posts")
        assert await both(first) == expected
        assert await both(owner) == expected


async def test_authors_come_in_their_order_as_many_as_asked_for(organization: Organization) -> None:
    for name, views in (("Ann", 1), ("Bob", 7), ("Cem", 3)):
        await set_columns(await make_post(await make_member(organization, name=name)), view_count=views)
    for limit in (2, 3, 1):
        stats = await blog.list_author_stats(Scope.anonymous(organization.id), limit=limit)
        assert [each.name for each in stats] == ["Bob", "Cem", "Ann"][:limit]


async def test_warming_finds_out_what_many_will_ask_for(
    organization: Organization, ada: Scope, assert_queries: Counter
) -> None:
    await make_post(ada, tags="red")
    await blog.warm_caches(Scope.system("a test"))
    with assert_queries(1):
        assert await both(ada) == ({"red": 1}, {"Ada": 1})


async def test_warming_comes_before_what_it_found_out_is_forgotten() -> None:
    jobs.load_workers()
    assert jobs.workers()["myapp.blog.jobs.WarmCaches"].cron == "*/15 * * * *"
    assert min(each.ttl for each in cache.stats() if each.name in NAMES) > 15 * 60


async def test_warming_finds_out_anew_what_changed_without_a_word(ada: Scope, assert_queries: Counter) -> None:
    post = await make_post(ada)
    assert [author.view_count for author in await blog.list_author_stats(ada)] == [0]
    await set_columns(post, view_count=7)
    await blog.warm_caches(Scope.system("a test"))
    with assert_queries(1):
        assert [author.view_count for author in await blog.list_author_stats(ada)] == [7]


async def test_only_the_system_warms(ada: Scope) -> None:
    with pytest.raises(Forbidden):
        await blog.warm_caches(ada)


def test_the_caches_are_bounded() -> None:
    sizes = {each.name: each.size for each in cache.stats()}
    assert sizes["tag counts"] <= 1000
    assert sizes["author numbers"] * counting.MOST_AUTHORS <= 200_000
