"""Ranks and numbers for many posts at once: right with ties, and one query."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from myapp import blog
from myapp.accounts import Organization
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member
from tests.factories.blog import make_post, set_columns


async def test_posts_with_equal_views_share_a_place(
    organization: Organization, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    one, two = await make_member(organization), await make_member(organization)
    posts = []
    for author, views in ((one, 9), (two, 5), (one, 5), (one, 5), (two, 1), (one, 0)):
        post = await make_post(author)
        await set_columns(post, view_count=views)
        posts.append(post)
    await set_columns(await make_post(one, status="draft"), view_count=99)
    with assert_queries(2):  # of which the second is cached where there is a cache
        ranks = await blog.rank_posts(one, [post.id for post in posts])
    assert [ranks[post.id].rank_overall for post in posts] == [1, 2, 2, 2, 5, 6]
    assert [ranks[post.id].rank_of_author for post in posts] == [1, 1, 2, 2, 2, 4]


async def test_a_post_that_is_not_published_has_no_place(organization: Organization) -> None:
    owner = await make_member(organization, Role.OWNER)
    draft = await make_post(owner, status="draft")
    assert await blog.rank_posts(owner, [draft.id]) == {}
    assert await blog.rank_posts(owner, []) == {}


async def test_the_numbers_of_authors_are_of_what_is_published(organization: Organization) -> None:
    ann, bob = await make_member(organization, name="Ann"), await make_member(organization, name="Bob")
    for author, views in ((ann, 1), (bob, 7), (bob, 2)):
        post = await make_post(author)
        await set_columns(post, view_count=views)
    await make_post(bob, status="draft")
    stats = await blog.list_author_stats(Scope.anonymous(organization.id))
    assert [(each.name, each.post_count, each.view_count) for each in stats] == [("Bob", 2, 9), ("Ann", 1, 1)]


async def test_tags_are_counted_over_published_posts(organization: Organization) -> None:
    author = await make_member(organization)
    await make_post(author, tags="one, two")
    await make_post(author, tags="one")
    await make_post(author, tags="one, three", status="draft")
    counts = await blog.list_tags(Scope.anonymous(organization.id))
    assert [(tag.name, tag.post_count) for tag in counts] == [("one", 2), ("two", 1)]
    assert (await blog.get_tag(author, "one")).post_count == 2
