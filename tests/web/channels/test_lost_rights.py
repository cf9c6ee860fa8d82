"""Whoever may no longer hear something hears no more of it at once, on a connection that stays."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack
from typing import Any

import pytest

from myapp import accounts, chat
from myapp.accounts import Organization, Visibility
from myapp.chat import ChatRoom
from myapp.kit import presence
from myapp.kit.pubsub import PubSub, Resync
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.blog import make_post
from tests.factories.chat import make_message, make_room
from tests.kit.channels.conftest import Client
from tests.web.channels.rooms import plain_client, topic_of

SYSTEM = Scope.system("a test")


class Listener:
    """A client on some topics, and what it hears of them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.answers: dict[str, Any] = {}

    async def join(self, *topics: str) -> None:
        for topic in topics:
            await self._client.send("1", topic, topic, "phx_join", {})
        while self.answers.keys() < set(topics):
            _, ref, topic, event, payload = await self._client.hear()
            if event == "phx_reply" and ref == topic:
                self.answers[topic] = payload["status"]

    async def closed(self, *topics: str) -> None:
        """Wait until it is shown out of all of these."""
        left = set(topics)
        while left:
            _, _, topic, event, _ = await self._client.hear()
            if event == "phx_close":
                left.remove(topic)

    async def heard(self) -> list[tuple[str, str]]:
        """What it has been told of by now: topics and events."""
        await self._client.send(None, "now", "phoenix", "heartbeat", {})
        told = list[tuple[str, str]]()
        while (message := await self._client.hear())[1] != "now":
            told.append((message[2], message[3]))
        return told


@pytest.fixture
async def stack(url: str) -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def listener(stack: AsyncExitStack, url: str, scope: Scope | None, *topics: str) -> Listener:
    """Somebody who is in all of these."""
    who = f"&user={scope.user_id}" if scope else ""
    client = Listener(await stack.enter_async_context(plain_client(url, who)))
    await client.join(*topics)
    assert set(client.answers.values()) == {"ok"}
    return client


async def make_private(organization: Organization) -> None:
    await accounts.update_organization(SYSTEM, organization.id, {"visibility": "private"})


async def say_something(scope: Scope, rooms: Collection[ChatRoom]) -> None:
    """Everything that members may hear."""
    await make_post(scope)
    for room in rooms:
        await make_message(scope, room)
        presence.track(topic_of(room), "somebody").untrack()


@pytest.fixture
async def closed(db: object) -> Organization:
    return await make_organization(Visibility.PRIVATE)


@pytest.fixture
async def owner(closed: Organization) -> Scope:
    return await make_member(closed, Role.OWNER)


@pytest.fixture
async def member(closed: Organization) -> Scope:
    return await make_member(closed)


async def test_a_removed_member_hears_nothing_more_of_what_is_for_members(
    url: str, stack: AsyncExitStack, closed: Organization, owner: Scope, member: Scope
) -> None:
    public, private = await make_room(owner), await make_room(owner, Visibility.PRIVATE)
    await chat.add_member(owner, private.id, member.user_id or private.id)
    topics = (f"stream:posts:{closed.slug}:members", f"rooms:{closed.slug}", topic_of(public), topic_of(private))
    gone, stays = [await listener(stack, url, scope, *topics) for scope in (member, owner)]

    await accounts.delete_membership(SYSTEM, closed.id, member.user_id or closed.id)

    await gone.closed(*topics)
    await say_something(owner, [public, private])
    assert await gone.heard() == []
    assert {topic for topic, _ in await stays.heard()} >= {topic_of(public), topic_of(private)}
    again = Listener(gone._client)
    await again.join(*topics)
    assert set(again.answers.values()) == {"error"}


async def test_an_admin_who_is_one_no_longer_hears_nothing_more_of_private_rooms(
    url: str, stack: AsyncExitStack, closed: Organization, owner: Scope
) -> None:
    admin, room = await make_member(closed, Role.ADMIN), await make_room(owner, Visibility.PRIVATE)
    watcher = await listener(stack, url, admin, topic_of(room), f"rooms:{closed.slug}")
    await accounts.update_membership(SYSTEM, closed.id, admin.user_id or closed.id, Role.MEMBER)
    await watcher.closed(topic_of(room))
    await chat.add_member(owner, room.id, owner.user_id or room.id)
    await watcher.heard()
    await make_message(owner, room)
    assert await watcher.heard() == []


async def test_an_operator_who_is_one_no_longer_hears_nothing_more_of_private_organizations(
    url: str, stack: AsyncExitStack, closed: Organization, owner: Scope
) -> None:
    operator, room = await make_user(is_operator=True), await make_room(owner, Visibility.PRIVATE)
    await make_user(is_operator=True)  # the site keeps one
    topics = (f"stream:posts:{closed.slug}:members", f"rooms:{closed.slug}", topic_of(room))
    watcher, stays = [await listener(stack, url, scope, *topics) for scope in (Scope(operator.id), owner)]

    await accounts.set_operator(SYSTEM, operator.id, on=False)

    await watcher.closed(*topics)
    await say_something(owner, [room])
    assert await watcher.heard() == []
    assert (topic_of(room), "new_msg") in await stays.heard()


async def test_visitors_leave_an_organization_that_becomes_private(url: str, stack: AsyncExitStack, db: object) -> None:
    organization = await make_organization()
    owner = await make_member(organization, Role.OWNER)
    room = await make_room(owner)
    topics = (f"stream:posts:{organization.slug}", f"rooms:{organization.slug}", topic_of(room))
    visitor, stays = [await listener(stack, url, scope, *topics) for scope in (None, owner)]

    await make_private(organization)

    await visitor.closed(*topics)
    await say_something(owner, [room])
    assert await visitor.heard() == []
    assert (topic_of(room), "new_msg") in await stays.heard()


async def test_after_a_loss_between_processes_everybody_is_asked_about_again(
    url: str,
    stack: AsyncExitStack,
    closed: Organization,
    owner: Scope,
    member: Scope,
    hub: PubSub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topics = (f"stream:posts:{closed.slug}:members", topic_of(await make_room(owner)))
    gone, stays = [await listener(stack, url, scope, *topics) for scope in (member, owner)]
    with monkeypatch.context() as lost:
        lost.setattr(hub, "publish", lambda *_: None)  # by another process, of which nobody here hears
        await accounts.delete_membership(SYSTEM, closed.id, member.user_id or closed.id)
    hub.publish_here(accounts.MEMBERSHIPS, Resync())
    await gone.closed(*topics)
    assert "phx_close" not in {event for _, event in await stays.heard()}
