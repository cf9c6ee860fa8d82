"""No function about notifications gives anything to a scope it does not belong to, or lets it change anything.

Each function has one case here, as in the blog's test of the same name. A new one without a case fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from myapp import notifications
from myapp.kit.clock import now
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.notifications import Notification
from tests.accounts.account_calls import taken_along
from tests.factories import SYSTEM
from tests.factories.notifications import confirm, grow_old
from tests.factories.world import STRANGERS, Call, World, everything_of, make_world, stranger, walk

NOTIFICATIONS: dict[str, Call] = {
    "count_unread": lambda scope, _: none_of(scope),
    "delete_own_notifications": lambda scope, _: notifications.delete_own_notifications(scope),
    "fetch_notifications": lambda scope, w: fetched(scope, w),
    "list_notifications": lambda scope, _: notifications.list_notifications(scope),
    "mail_unread": lambda scope, _: notifications.mail_unread(scope),
    "mark_all_read": lambda scope, _: notifications.mark_all_read(scope),
    "mark_place_read": lambda scope, w: notifications.mark_place_read(scope, w.post.id),
    "mark_read": lambda scope, w: marked(scope, w),
    "own_data": lambda scope, _: taken_along(notifications.own_data(scope)),
    "prune_notifications": lambda scope, _: notifications.prune_notifications(scope),
    "queue_digests": lambda scope, _: notifications.queue_digests(scope),
    "send_digest": lambda s, w: notifications.send_digest(s, w.member.user_id or w.post.id, now().date()),
}


async def ids_of(world: World) -> Sequence[UUID]:
    async with transaction(SYSTEM) as session:
        mine = select(Notification.id).where(Notification.org_id == world.organization.id)
        return (await session.exec(mine)).all()


async def none_of(scope: Scope) -> None:
    """Who has been told of nothing of the world has nothing to read."""
    assert await notifications.count_unread(scope) == 0


async def fetched(scope: Scope, world: World) -> object:
    return await notifications.fetch_notifications(scope, await ids_of(world))


async def marked(scope: Scope, world: World) -> None:
    await notifications.mark_read(scope, await ids_of(world))


def test_every_function_of_the_front_door_has_a_case() -> None:
    names: list[str] = notifications.__all__
    things = {name: getattr(notifications, name) for name in names}
    asked = {
        name
        for name, thing in things.items()
        if inspect.iscoroutinefunction(thing) or inspect.isasyncgenfunction(thing)
    }
    assert asked == NOTIFICATIONS.keys()


@pytest.fixture
async def world(db: object, tmp_path: Path) -> World:
    """Its owner is to be mailed what is unread."""
    world = await make_world(tmp_path / "post.md")
    await confirm(world.owner)
    await grow_old(minutes=5)
    return world


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_learn_and_change_nothing(who: str, world: World) -> None:
    await walk(NOTIFICATIONS, await stranger(who, world), world, who=who)


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_forget_nothing_that_is_old(who: str, world: World) -> None:
    scope = await stranger(who, world)
    await grow_old(days=100)
    await walk({"prune_notifications": NOTIFICATIONS["prune_notifications"]}, scope, world, who=who)


async def test_the_walk_would_notice(world: World) -> None:
    for name in ("fetch_notifications", "list_notifications", "own_data"):
        assert world.knows(await NOTIFICATIONS[name](world.owner, world)), name
    for name, scope in (("mail_unread", SYSTEM), ("mark_read", world.owner), ("delete_own_notifications", world.owner)):
        before = await everything_of(world.organization.id)
        await NOTIFICATIONS[name](scope, world)
        assert await everything_of(world.organization.id) != before, name
