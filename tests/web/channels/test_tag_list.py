"""The tags of an organisation, followed over a channel."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import accounts, blog
from myapp.accounts import Organization, Visibility
from myapp.kit.scope import Role, Scope
from myapp.web.blog.tag_streams import tags_topic
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.web.channels.conftest import Follow, Follower
from tests.web.channels.test_post_lists import UNAUTHORIZED, UNMATCHED, Reads


@pytest.fixture
async def organization(db: Any) -> Organization:
    return await make_organization()


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


def counts(reader: Follower) -> list[tuple[str, int]]:
    return [(row["name"], row["count"]) for row in reader.replica.window.rows]


async def test_tags_come_are_counted_and_go_with_what_is_published(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    reader = await follow(f"stream:tags:{organization.slug}", descending=False)
    assert counts(reader) == []

    post = await make_post(author, tags=["Tea", "asia"])
    await reader.hears()
    assert counts(reader) == [("asia", 1), ("Tea", 1)]

    draft = await make_post(author, tags=["Tea"], status="draft")
    await blog.publish_post(author, draft.id)
    await reader.hears()
    assert counts(reader) == [("asia", 1), ("Tea", 2)]

    await blog.update_post(author, post.id, {"tags": ["Tea", "Cups"]})
    await reader.hears()
    assert counts(reader) == [("Cups", 1), ("Tea", 2)]

    await blog.unpublish_post(author, draft.id)
    await reader.hears()
    assert counts(reader) == [("Cups", 1), ("Tea", 1)]

    await blog.delete_post(author, post.id)
    await reader.hears()
    assert counts(reader) == []


async def test_what_changes_no_number_is_not_told(organization: Organization, author: Scope, follow: Follow) -> None:
    post = await make_post(author, tags=["Tea", "Asia"])
    reader = await follow(f"stream:tags:{organization.slug}", descending=False)
    asia = next(row["id"] for row in reader.replica.window.rows if row["name"] == "Asia")

    draft = await make_post(author, tags=["Secret"], status="draft")
    await blog.update_post(author, draft.id, {"tags": ["Secret", "Tea"]})
    await blog.delete_post(author, draft.id)
    await blog.update_post(author, post.id, {"title": "Another title"})
    await blog.update_post(author, post.id, {"tags": ["Tea"]})

    assert await reader.hears() == [["delete", asia]]


async def test_tags_come_by_name_in_any_case_and_by_pages(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    names = [f"{'Tag' if number % 2 else 'tag'} {number:02}" for number in range(60)] + ["Äpfel", "apples", "東京"]
    for start in range(0, len(names), 7):
        await make_post(author, tags=names[start : start + 7])
    reader = await follow(f"stream:tags:{organization.slug}", descending=False)
    assert len(counts(reader)) == 50

    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])

    assert [name for name, _ in counts(reader)] == sorted(names, key=str.lower)


async def test_a_change_is_counted_once_for_all_followers(
    organization: Organization, author: Scope, follow: Follow, reads_of_posts: Reads
) -> None:
    await make_post(author, tags=["Tea", "Asia", "Cups"])
    readers = [await follow(f"stream:tags:{organization.slug}", descending=False) for _ in range(3)]
    with reads_of_posts() as statements:
        await make_post(author, tags=["Tea", "Asia", "Cups"])
        for reader in readers:
            await reader.hears()
            assert counts(reader) == [("Asia", 2), ("Cups", 2), ("Tea", 2)]
    assert len([each for each in statements if "post_count" in each]) <= 1


async def test_members_alone_follow_the_tags_of_a_private_organisation(db: Any, follow: Follow) -> None:
    private = await make_organization(Visibility.PRIVATE)
    member = await make_member(private)
    await make_post(member, tags=["Hidden"])

    reader = await follow(tags_topic(member, private.slug), member, descending=False)
    assert counts(reader) == [("Hidden", 1)]
    assert counts(await follow(f"stream:tags:{private.slug}", member, descending=False)) == []
    for address in (f"stream:tags:{private.slug}", tags_topic(member, private.slug)):
        reply = await (await follow(address, joins=False)).join()
        assert reply["response"] == {"reason": "not found"}


async def test_tags_vanish_for_visitors_when_their_organisation_becomes_private(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    await make_post(author, tags=["Tea"])
    reader = await follow(f"stream:tags:{organization.slug}", author, descending=False)
    system = Scope.system("a test")
    await accounts.update_organization(system, organization.id, {"visibility": Visibility.PRIVATE})
    await reader.hears()
    assert counts(reader) == []


async def test_topics_that_name_no_list_of_tags_are_refused(organization: Organization, follow: Follow) -> None:
    stranger = await make_member(await make_organization())
    for name in ("stream:tags", f"stream:tags:{organization.slug}:moderators", f"stream:tags:{organization.slug}:a:b"):
        assert await (await follow(name, joins=False)).join() == UNMATCHED
    for who in (None, stranger):
        reply = await (await follow(f"stream:tags:{organization.slug}:members", who, joins=False)).join()
        assert reply == UNAUTHORIZED
