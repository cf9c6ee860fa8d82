"""Who has a post open."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from myapp import blog
from myapp.accounts import Organization
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.web.channels.conftest import Follow, Follower


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER, name="Olga")


async def hears(follower: Follower, event: str) -> Any:
    while True:
        *_, name, payload = await follower.client.hear()
        if name == event:
            return payload


async def join(follower: Follower) -> Any:
    await follower.client.send("1", "1", follower.topic, "phx_join", {})
    return (await follower.client.hear())[-1]


def names(state: dict[str, Any]) -> set[str]:
    return {metas["metas"][0]["name"] for metas in state.values()}


async def test_members_see_who_else_reads_a_post_and_who_leaves(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    post, member = await make_post(author), await make_member(organization, name="Mia")
    first = await follow(f"reading:{post.id}", author, joins=False)
    assert await join(first) == {"status": "ok", "response": {"user_id": str(author.user_id)}}
    assert names(await hears(first, "presence_state")) == {"Olga"}

    second = await follow(f"reading:{post.id}", member, joins=False)
    await join(second)
    assert names(await hears(second, "presence_state")) == {"Olga", "Mia"}
    diff = await hears(first, "presence_diff")
    while not diff["joins"] or names(diff["joins"]) == {"Olga"}:
        diff = await hears(first, "presence_diff")
    assert names(diff["joins"]) == {"Mia"}

    await second.client.wire.close()
    assert names((await hears(first, "presence_diff"))["leaves"]) == {"Mia"}


async def test_visitors_and_strangers_are_not_told_and_a_draft_does_not_exist_for_others(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    post, draft = await make_post(author), await make_post(author, status="draft")
    member, stranger = await make_member(organization), await make_member(await make_organization())
    for topic, who, reason in [
        (post.id, None, "unauthorized"),
        (post.id, stranger, "unauthorized"),
        (draft.id, member, "not found"),
        (draft.id, None, "not found"),
        (uuid4(), author, "not found"),
        (str(post.id).upper(), author, "not found"),
        ("x", author, "not found"),
    ]:
        reply = await join(await follow(f"reading:{topic}", who, joins=False))
        assert reply == {"status": "error", "response": {"reason": reason}}


async def test_who_may_no_longer_read_the_post_is_shown_out(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    post, member = await make_post(author), await make_member(organization)
    reader = await follow(f"reading:{post.id}", member, joins=False)
    await join(reader)
    await blog.unpublish_post(author, post.id)
    await hears(reader, "phx_close")
