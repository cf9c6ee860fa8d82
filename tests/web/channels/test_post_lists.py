"""Lists of posts that are narrowed, ordered, or for a few readers only, followed over a channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from myapp import blog
from myapp.accounts import Organization
from myapp.kit.scope import Role, Scope
from myapp.web.blog.listing import Listing
from myapp.web.blog.streams import posts_topic
from myapp.web.live.topics import digest, narrowed
from tests.factories.accounts import make_member
from tests.factories.blog import make_post
from tests.web.channels.conftest import Follow

type Reads = Callable[[], AbstractContextManager[list[str]]]

UNMATCHED = {"status": "error", "response": {"reason": "unmatched topic"}}
UNAUTHORIZED = {"status": "error", "response": {"reason": "unauthorized"}}


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


def topic(organization: Organization, scope: Scope | None, query: str) -> str:
    return posts_topic(scope or Scope.anonymous(organization.id), organization.slug, Listing.parse(query))


@pytest.mark.parametrize(
    ("query", "fitting", "other"),
    [
        ("tag=tea&tag=asia", {"tags": ["Tea", "Asia"]}, {"tags": ["Tea"]}),
        ("q=jasm", {"body": "Rolled with jasmine."}, {"body": "Nothing of the kind."}),
        ("meta_key=cup&meta_value=glass", {"meta": {"cup": "glass"}}, {"meta": {"cup": "tin"}}),
        ("to=2100-01-01", {}, {"status": "draft"}),
    ],
)
async def test_what_fits_comes_into_a_narrowed_list_and_leaves_when_it_fits_no_longer(
    organization: Organization,
    author: Scope,
    follow: Follow,
    query: str,
    fitting: dict[str, Any],
    other: dict[str, Any],
) -> None:
    reader = await follow(topic(organization, None, query))
    assert reader.titles == []

    post = await make_post(author, title="Fits", **fitting)
    await reader.hears()
    assert reader.titles == ["Fits"]

    await make_post(author, title="Does not", **other)
    await blog.update_post(author, post.id, {"title": "Fits still"})
    while reader.titles != ["Fits still"]:
        await reader.hears()

    await blog.unpublish_post(author, post.id)
    while reader.titles:
        await reader.hears()


async def test_the_list_of_an_author_loses_what_passes_to_another(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    heir = await make_member(organization)
    post = await make_post(heir, status="draft", title="Passed on")
    assert heir.user_id is not None
    assert author.user_id is not None
    mine = await follow(topic(organization, heir, "status=draft"), heir)
    assert mine.titles == ["Passed on"]

    await blog.transfer_post(author, post.id, author.user_id)

    await mine.hears()
    assert mine.titles == []


async def test_drafts_are_told_to_their_author_and_to_moderators_alone(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    writer, other = await make_member(organization), await make_member(organization)
    moderator = await make_member(organization, Role.MODERATOR)
    lists = [await follow(topic(organization, who, "status=all"), who) for who in (writer, moderator, other, None)]

    draft = await make_post(writer, title="In the making", status="draft")
    await blog.update_post(writer, draft.id, {"title": "Still in the making"})
    await blog.delete_post(writer, draft.id)
    await make_post(author, title="For all")

    for each in lists[:2]:
        await each.hears()
        assert each.titles in (["In the making"], ["Still in the making"], [])
        while each.titles != ["For all"]:
            await each.hears()
    for each in lists[2:]:
        assert [operation[0] for operation in await each.hears()] == ["insert"]
        assert each.titles == ["For all"]


async def test_nobody_follows_the_list_of_another_person_or_rank(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    member = await make_member(organization)
    for who in (member, None):
        reply = await (await follow(topic(organization, author, "status=draft"), who, joins=False)).join()
        assert reply == UNAUTHORIZED
        reply = await (await follow(f"stream:posts:{organization.slug}:{author.user_id}", who, joins=False)).join()
        assert reply == UNMATCHED


@pytest.mark.parametrize("query", ["tag=tea&q=", "q=tea&tag=b&tag=a", "status=published", "nonsense=1", "sort=newest"])
async def test_a_list_is_known_by_one_name_only(organization: Organization, follow: Follow, query: str) -> None:
    address = narrowed(f"stream:posts:{organization.slug}", query)
    assert await (await follow(address, joins=False)).join() == UNMATCHED


async def test_a_name_that_is_not_that_of_its_query_is_refused(organization: Organization, follow: Follow) -> None:
    for address in (f"stream:posts:{organization.slug}:{digest('q=a')}?q=b", f"stream:posts:{digest('q=a')}?q=a"):
        assert await (await follow(address, joins=False)).join() == UNMATCHED


@pytest.mark.parametrize(("query", "expected"), [("sort=oldest", range(25)), ("sort=views", reversed(range(25)))])
async def test_other_orders_have_pages_too(
    organization: Organization, author: Scope, follow: Follow, query: str, expected: Any
) -> None:
    for number in range(25):
        await make_post(author, title=f"Post {number:02}")
    reader = await follow(topic(organization, None, query), descending="oldest" not in query)
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert reader.titles == [f"Post {number:02}" for number in expected]


async def test_a_change_is_looked_up_once_for_all_who_narrow_alike(
    organization: Organization, author: Scope, follow: Follow, reads_of_posts: Reads
) -> None:
    readers = [await follow(topic(organization, None, "tag=tea&sort=oldest")) for _ in range(3)]
    with reads_of_posts() as statements:
        await make_post(author, tags=["Tea"])
        for reader in readers:
            await reader.hears()
    assert len([each for each in statements if "JOIN users" in each]) == 1
