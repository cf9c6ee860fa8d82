"""Who is in a room, page by page, and who is offered to be let in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import select

from myapp import accounts, chat
from myapp.accounts import Organization, Visibility
from myapp.chat import ChatRoom, RoomMember
from myapp.kit import migrations
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_room

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def organization(db: object) -> Organization:
    return await make_organization()


@pytest.fixture
async def keeper(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN, name="Kim Keeper")


@pytest.fixture
async def den(keeper: Scope) -> ChatRoom:
    return await make_room(keeper, Visibility.PRIVATE)


async def let_in(keeper: Scope, room: ChatRoom, *people: Scope) -> None:
    for person in people:
        assert person.user_id is not None
        await chat.add_member(keeper, room.id, person.user_id)


async def test_members_come_by_name_in_pages(organization: Organization, keeper: Scope, den: ChatRoom) -> None:
    people = [await make_member(organization, name=name) for name in ("bea", "Ada", "Cleo", "ada")]
    await let_in(keeper, den, *people)
    first = await chat.list_room_members(keeper, den.id, limit=3)
    rest = await chat.list_room_members(keeper, den.id, after=first.after, limit=3)
    assert [each.name.lower() for each in (*first.entries, *rest.entries)] == ["ada", "ada", "bea", "cleo"]
    assert rest.after is None
    assert [each.name for each in await chat.fetch_room_members(keeper, den.id, [_id(people[2])])] == ["Cleo"]
    assert await chat.fetch_room_members(keeper, den.id, [_id(keeper)]) == []


def _id(scope: Scope):
    assert scope.user_id is not None
    return scope.user_id


async def test_who_leaves_the_organisation_is_in_none_of_its_rooms(
    organization: Organization, keeper: Scope, den: ChatRoom
) -> None:
    mei = await make_member(organization, name="Mei")
    await let_in(keeper, den, mei)
    await accounts.delete_membership(Scope.system("a test"), organization.id, _id(mei))
    assert (await chat.list_room_members(keeper, den.id)).entries == []


async def test_who_comes_back_to_the_organisation_has_to_be_let_into_its_private_rooms_again(
    organization: Organization, keeper: Scope, den: ChatRoom
) -> None:
    mei, elsewhere = await make_member(organization), await make_member(await make_organization())
    their_den = await make_room(elsewhere, Visibility.PRIVATE)
    await let_in(keeper, den, mei)
    await let_in(Scope.system("a test", elsewhere.org_id), their_den, elsewhere)
    system = Scope.system("a test")
    await accounts.delete_membership(system, organization.id, _id(mei))
    await accounts.create_membership(system, organization.id, _id(mei), Role.MEMBER)
    with pytest.raises(NotFound):
        await chat.get_room(mei, den.id)
    assert (await chat.get_room(elsewhere, their_den.id)).is_member


async def test_who_had_left_before_is_taken_out_of_the_rooms(
    organization: Organization, keeper: Scope, den: ChatRoom
) -> None:
    mei, left = await make_member(organization), await make_member(await make_organization())
    await let_in(keeper, den, mei)
    [revision] = [each for each in migrations.revisions() if each.revision == "20261129120010"]
    async with transaction(SYSTEM) as session:
        session.add(RoomMember(room_id=den.id, user_id=_id(left)))
        await session.flush()
        await (await session.connection()).exec_driver_sql(revision.module.LEAVE)
        inside = (await session.exec(select(RoomMember.user_id).where(RoomMember.room_id == den.id))).all()
    assert inside == [mei.user_id]


async def test_those_are_offered_who_are_not_in_the_room(
    organization: Organization, keeper: Scope, den: ChatRoom
) -> None:
    mei, _mel = [await make_member(organization, name=name) for name in ("Mei", "Mel")]
    await make_member(await make_organization(), name="Melinda")
    await let_in(keeper, den, mei)
    assert [each.name for each in await chat.suggest_members(keeper, den.id, "me")] == ["Mel"]
    assert [each.name for each in await chat.suggest_members(keeper, den.id, "")] == ["Kim Keeper", "Mel"]


async def test_only_admins_are_offered_somebody(organization: Organization, keeper: Scope, den: ChatRoom) -> None:
    inside = await make_member(organization, Role.MODERATOR)
    await let_in(keeper, den, inside)
    outside = await make_member(organization)
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    public = await make_room(keeper)
    for scope, room, refusal in (
        (inside, den, Forbidden),
        (outside, den, NotFound),
        (elsewhere, den, NotFound),
        (outside, public, Forbidden),
        (Scope.anonymous(organization.id), public, Unauthenticated),
    ):
        with pytest.raises(refusal):
            await chat.suggest_members(scope, room.id, "")


async def test_a_page_and_suggestions_take_two_queries_and_no_more(
    organization: Organization, keeper: Scope, den: ChatRoom, assert_queries: AssertQueries
) -> None:
    await let_in(keeper, den, *[await make_member(organization) for _ in range(7)])
    with assert_queries(2):
        await chat.list_room_members(keeper, den.id)
    with assert_queries(2):
        await chat.suggest_members(keeper, den.id, "")
