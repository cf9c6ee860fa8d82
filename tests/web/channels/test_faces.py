"""A name or picture that somebody has changed reaches the lists that others have open, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from myapp import accounts, chat
from myapp.accounts import Organization, Visibility
from myapp.chat import ChatRoom
from myapp.kit.scope import Role, Scope
from myapp.web.blog.comment_streams import conversation_topic
from myapp.web.blog.listing import Listing
from myapp.web.blog.search.stream import search_topic
from myapp.web.blog.streams import posts_topic
from myapp.web.chat.member_stream import members_topic
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message, make_room
from tests.kit.channels.conftest import SOON
from tests.web.channels.conftest import Follow
from tests.web.channels.rooms import client_of, endpoint_of_the_product, enter, said_next, topic_of

__all__ = ["endpoint_of_the_product"]


@pytest.fixture
async def organization(db: object) -> Organization:
    return await make_organization()


@pytest.fixture
async def ada(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN, name="Ada")


async def rename(scope: Scope, name: str = "Augusta King", **more: str) -> None:
    await accounts.update_profile(scope, {"name": name, **more})


async def test_it_reaches_posts_and_comments_in_one_operation_each(
    organization: Organization, ada: Scope, follow: Follow
) -> None:
    mei = await make_member(organization, name="Mei")
    posts = [await make_post(ada, title=f"Post {number}") for number in range(3)]
    await make_comment(mei, posts[0])
    await make_comment(ada, posts[0])
    everybody = Scope.anonymous(organization.id)
    lists = [
        await follow(posts_topic(everybody, organization.slug, Listing())),
        await follow("stream:posts"),
        await follow(search_topic(everybody, organization.slug, "post")),
        await follow(conversation_topic(everybody, posts[0].id, is_published=True), descending=False),
    ]
    await rename(ada, username="augusta")
    for reader in lists:
        operations = await reader.hears()
        assert [operation[0] for operation in operations] == ["change"]
        shown = [row["author"] for row in reader.replica.window.rows]
        assert "Ada" not in shown
        assert "Augusta King" in shown
        hers = [row["author_username"] for row in reader.replica.window.rows if row["author"] == "Augusta King"]
        assert set(hers) == {"augusta"}, "links to what she has written lead there"


async def test_of_somebody_who_has_written_nothing_there_nobody_is_told(
    organization: Organization, ada: Scope, follow: Follow
) -> None:
    quiet = await make_member(organization, name="Quiet")
    await make_post(ada)
    reader = await follow(posts_topic(Scope.anonymous(organization.id), organization.slug, Listing()))
    await rename(quiet, "Nobody's Business")
    await rename(ada)
    assert "Nobody" not in str(await reader.hears())


async def test_it_reaches_the_members_of_a_private_room_in_their_order(ada: Scope, follow: Follow) -> None:
    den = await make_room(ada, Visibility.PRIVATE)
    assert ada.user_id is not None
    await chat.add_member(ada, den.id, ada.user_id)
    reader = await follow(members_topic(den.id), ada, descending=False)
    await rename(ada)
    await reader.hears()
    assert [row["name"] for row in reader.replica.window.rows] == ["Augusta King"]


async def presence_of(client: Any, room: ChatRoom, name: str) -> None:
    """Until the room's presence says this name."""
    async with asyncio.timeout(SOON):
        while name not in str(await said_next(client, room, "presence_diff")):
            pass


async def test_it_reaches_what_one_has_said_in_a_room_and_who_is_there(
    url: str, ada: Scope, mei: Scope, room: ChatRoom
):
    await make_message(ada, room, "earlier")
    async with client_of(url, ada) as hers, client_of(url, mei) as his:
        await enter(his, room)
        await enter(hers, room)
        await accounts.update_profile(Scope(ada.user_id), {"name": "Augusta King"})
        said = await said_next(his, room, "person_updated")
        assert said == {"id": str(ada.user_id), "name": "Augusta King", "avatar": ""}
        await presence_of(his, room, "Augusta King")
        assert (await hers.push(topic_of(room), "new_msg", {"body": "after"}))[0] == "ok"
        assert (await said_next(his, room))["user"]["name"] == "Augusta King"
