"""Who is in a private room, followed over a channel."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from myapp import accounts, chat
from myapp.accounts import Organization, Visibility
from myapp.chat import ChatRoom
from myapp.kit.pubsub import PubSub, Resync
from myapp.kit.scope import Role, Scope
from myapp.web.chat.member_stream import members_topic
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.chat import make_room
from tests.kit.channels.conftest import SOON
from tests.web.channels.conftest import Follow, Follower
from tests.web.channels.test_post_lists import UNMATCHED

SYSTEM = Scope.system("a test")
NOT_FOUND = {"status": "error", "response": {"reason": "not found"}}


@pytest.fixture
async def organization(db: object) -> Organization:
    return await make_organization()


@pytest.fixture
async def keeper(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN, name="Kim Keeper")


@pytest.fixture
async def den(keeper: Scope) -> ChatRoom:
    return await make_room(keeper, Visibility.PRIVATE)


def me(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id


def names(reader: Follower) -> list[str]:
    return [row["name"] for row in reader.replica.window.rows]


async def is_shown_out(reader: Follower) -> None:
    """What it hears before that does not matter."""
    async with asyncio.timeout(SOON):
        while (await reader.client.hear())[3] != "phx_close":
            pass


async def test_people_come_and_go_by_name(
    organization: Organization, keeper: Scope, den: ChatRoom, follow: Follow
) -> None:
    ada, mei = [await make_member(organization, name=name) for name in ("ada", "Mei")]
    reader = await follow(members_topic(den.id), keeper, descending=False)
    assert names(reader) == []
    for person in (mei, ada):
        await chat.add_member(keeper, den.id, me(person))
        await reader.hears()
    assert names(reader) == ["ada", "Mei"]
    other = await make_room(keeper, Visibility.PRIVATE)
    await chat.add_member(keeper, other.id, me(keeper))  # of another room nothing is told

    await chat.remove_member(ada, den.id, me(ada))
    assert await reader.hears() == [["delete", str(me(ada))]]
    await accounts.delete_membership(SYSTEM, organization.id, me(mei))
    assert await reader.hears() == [["delete", str(me(mei))]]


async def test_the_list_has_pages(organization: Organization, keeper: Scope, den: ChatRoom, follow: Follow) -> None:
    for number in range(53):
        await chat.add_member(keeper, den.id, me(await make_member(organization, name=f"Person {number:02}")))
    reader = await follow(members_topic(den.id), keeper, descending=False)
    assert len(names(reader)) == 50
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert names(reader) == [f"Person {number:02}" for number in range(53)]


async def test_those_follow_it_who_may_read_the_room_and_belong_to_its_organisation(
    organization: Organization, keeper: Scope, den: ChatRoom, follow: Follow
) -> None:
    inside, outside = await make_member(organization), await make_member(organization, Role.MODERATOR)
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    await chat.add_member(keeper, den.id, me(inside))
    assert len(names(await follow(members_topic(den.id), inside, descending=False))) == 1
    public = await make_room(keeper)
    for who, topic, answer in (
        (outside, members_topic(den.id), NOT_FOUND),
        (elsewhere, members_topic(den.id), NOT_FOUND),
        (None, members_topic(den.id), NOT_FOUND),
        (keeper, members_topic(public.id), NOT_FOUND),
        (None, members_topic(public.id), NOT_FOUND),
        (keeper, "stream:members", UNMATCHED),
        (keeper, f"{members_topic(den.id)}:members", UNMATCHED),
        (keeper, f"stream:members:{str(den.id).upper()}", NOT_FOUND),
        (keeper, "stream:members:x", NOT_FOUND),
    ):
        assert await (await follow(topic, who, joins=False)).join() == answer
    operator = Scope(user_id=(await make_user(is_operator=True)).id)
    assert (await (await follow(members_topic(den.id), operator, joins=False)).join())["status"] == "ok"


async def test_whoever_is_taken_out_of_the_room_hears_no_more_of_it(
    organization: Organization, keeper: Scope, den: ChatRoom, follow: Follow
) -> None:
    ada, mei, cleo = [await make_member(organization, name=name) for name in ("Ada", "Mei", "Cleo")]
    for person in (ada, mei):
        await chat.add_member(keeper, den.id, me(person))
    hers, mine = [await follow(members_topic(den.id), who, descending=False) for who in (ada, keeper)]

    await chat.remove_member(keeper, den.id, me(ada))
    await is_shown_out(hers)
    await mine.hears()
    await chat.add_member(keeper, den.id, me(cleo))
    await mine.hears()
    assert names(mine) == ["Cleo", "Mei"]
    await hers.client.hears_nothing()


@pytest.mark.parametrize("how", ["opened", "deleted", "left the organisation", "missed"])
async def test_a_list_that_is_closed_to_its_followers_shows_them_out(
    organization: Organization,
    keeper: Scope,
    den: ChatRoom,
    follow: Follow,
    hub: PubSub,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    ada = await make_member(organization)
    await chat.add_member(keeper, den.id, me(ada))
    reader = await follow(members_topic(den.id), ada, descending=False)
    match how:
        case "opened":
            await chat.update_room(keeper, den.id, {"visibility": Visibility.PUBLIC})
        case "deleted":
            await chat.delete_room(keeper, den.id)
        case "left the organisation":
            await accounts.delete_membership(SYSTEM, organization.id, me(ada))
        case _:
            with monkeypatch.context() as lost:
                lost.setattr(hub, "publish", lambda *_: None)  # by another process, of which nobody here hears
                await chat.remove_member(ada, den.id, me(ada))
            hub.publish_here(chat.topic_rooms(organization.id), Resync())
    await is_shown_out(reader)
