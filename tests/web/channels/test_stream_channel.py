"""Lists of posts, followed over a channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest

from myapp import accounts, blog
from myapp.accounts import Organization, Visibility
from myapp.kit import pubsub
from myapp.kit.pubsub import PubSub, Resync
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.web.channels.conftest import Follow

type Reads = Callable[[], AbstractContextManager[list[str]]]

UNAUTHORIZED = {"status": "error", "response": {"reason": "unauthorized"}}
NOT_FOUND = {"status": "error", "response": {"reason": "not found"}}


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


async def test_whoever_joins_gets_the_first_page_and_then_what_happens(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    await make_post(author, title="The first")
    reader = await follow(f"stream:posts:{organization.slug}")
    assert reader.titles == ["The first"]

    post = await make_post(author, title="The second")
    await reader.hears()
    assert reader.titles == ["The second", "The first"]

    await blog.update_post(author, post.id, {"title": "The second, better"})
    await reader.hears()
    assert reader.titles == ["The second, better", "The first"]

    await blog.delete_post(author, post.id)
    assert await reader.hears() == [["delete", str(post.id)]]
    assert reader.titles == ["The first"]


async def test_an_operation_is_looked_up_once_for_all_followers(
    organization: Organization, follow: Follow, reads_of_posts: Reads
) -> None:
    readers = [await follow(f"stream:posts:{organization.slug}") for _ in range(3)]
    with reads_of_posts() as statements:
        pubsub.broadcast(blog.topic_posts(organization.id), blog.PostsImported(organization.id, 1))
        for reader in readers:
            await reader.hears()
    assert len(statements) == 1


async def test_a_second_follower_costs_no_read(
    organization: Organization, follow: Follow, reads_of_posts: Reads
) -> None:
    with reads_of_posts() as statements:
        for _ in range(3):
            await follow(f"stream:posts:{organization.slug}")
    assert len(statements) == 1


async def test_of_a_draft_nothing_is_told_not_even_that_it_is_there(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    reader, writer = [await follow(f"stream:posts:{organization.slug}", who) for who in (None, author)]
    draft = await make_post(author, status="draft")
    await blog.update_post(author, draft.id, {"title": "A secret still"})
    await blog.delete_post(author, draft.id)
    await make_post(author, title="For all")
    for each in (reader, writer):
        assert [operation[0] for operation in await each.hears()] == ["insert"]
        assert each.titles == ["For all"]


async def test_a_draft_comes_when_it_is_published_and_goes_when_it_is_taken_back(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    reader = await follow(f"stream:posts:{organization.slug}")
    post = await make_post(author, title="A secret", status="draft")
    await blog.publish_post(author, post.id)
    await reader.hears()
    assert reader.titles == ["A secret"]

    await blog.unpublish_post(author, post.id)
    assert await reader.hears() == [["delete", str(post.id)]]


async def test_posts_of_a_private_organization_are_for_its_members(db: Any, follow: Follow) -> None:
    private = await make_organization(Visibility.PRIVATE)
    member, stranger = await make_member(private), await make_member(await make_organization())
    await make_post(member, title="Among us")
    reader = await follow(f"stream:posts:{private.slug}:members", member)
    assert reader.titles == ["Among us"]
    for who in (stranger, None):
        for topic in (f"stream:posts:{private.slug}:members", f"stream:posts:{private.slug}"):
            assert await (await follow(topic, who, joins=False)).join() == NOT_FOUND
    everything = await follow("stream:posts")
    assert "Among us" not in everything.titles


async def test_the_posts_for_members_are_not_for_visitors(organization: Organization, follow: Follow) -> None:
    assert await (await follow(f"stream:posts:{organization.slug}:members", joins=False)).join() == UNAUTHORIZED


@pytest.mark.parametrize("topic", ["stream:", "stream:nothing", "stream:posts:a:b:c", "stream:comments"])
async def test_a_stream_that_does_not_exist_is_refused(topic: str, follow: Follow) -> None:
    reply = await (await follow(topic, joins=False)).join()
    assert reply == {"status": "error", "response": {"reason": "unmatched topic"}}


async def test_older_pages_are_asked_for_with_the_key_of_the_last_row(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    for number in range(25):
        await make_post(author, title=f"Post {number:02}")
    reader = await follow(f"stream:posts:{organization.slug}")
    assert len(reader.titles) == 20
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert reader.titles == [f"Post {number:02}" for number in reversed(range(25))]
    assert reader.replica.ask("tail") is None

    back = await reader.ask(before=[*reader.replica.window.rows[2]["sort"], reader.replica.window.rows[2]["id"]])
    assert [row["title"] for row in back["response"]["rows"]] == ["Post 24", "Post 23"]


@pytest.mark.parametrize("key", [None, [], {}, ["x"], [1, 2], ["2026-01-01", "x"], [[]], ["x" * 300, "y"], [2**80, ""]])
async def test_a_key_that_was_made_up_is_refused(organization: Organization, follow: Follow, key: object) -> None:
    reader = await follow(f"stream:posts:{organization.slug}")
    assert (await reader.ask(after=key))["status"] == "error"


async def test_who_comes_back_gets_only_what_was_missed(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    reader, witness = [await follow(f"stream:posts:{organization.slug}") for _ in range(2)]
    await reader.client.wire.close()
    post = await make_post(author)
    await witness.hears()
    again = await follow(f"stream:posts:{organization.slug}", joins=False)
    again.replica = reader.replica
    reply = await again.join()
    assert [operation[0] for operation in reply["response"]["ops"]] == ["insert"]
    assert again.titles == [post.title]


async def test_who_comes_back_to_another_process_gets_the_list_anew(organization: Organization, follow: Follow) -> None:
    reader = await follow(f"stream:posts:{organization.slug}", joins=False)
    await reader.client.send("1", "1", reader.topic, "phx_join", {"epoch": uuid4().hex, "seq": 7})
    assert (await reader.client.hear())[-1]["response"]["ops"] == [["reset", [], False]]


async def test_a_resync_brings_the_list_anew(
    organization: Organization, author: Scope, follow: Follow, hub: PubSub
) -> None:
    reader = await follow(f"stream:posts:{organization.slug}")
    hub.publish_here(blog.topic_posts(organization.id), Resync())
    assert await reader.hears() == [["reset", [], False]]


async def test_the_public_feed_shows_what_any_public_organization_publishes(db: Any, follow: Follow) -> None:
    one, other = [await make_member(await make_organization()) for _ in range(2)]
    hidden = await make_member(await make_organization(Visibility.PRIVATE))
    await make_post(one, title="From one")
    reader = await follow("stream:posts")
    await make_post(hidden, title="For members")
    await make_post(other, title="From another")
    await reader.hears()
    assert reader.titles == ["From another", "From one"]


async def test_the_public_feed_drops_what_an_organization_published_when_that_becomes_private(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    await make_post(author, title="For all at first")
    reader = await follow("stream:posts")
    system = Scope.system("a test")
    await accounts.update_organization(system, organization.id, {"visibility": "private"})
    await reader.hears()
    assert reader.titles == []
    await accounts.update_organization(system, organization.id, {"visibility": "public"})
    await reader.hears()
    assert reader.titles == ["For all at first"]
