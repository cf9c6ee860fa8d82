"""An organisation's people as they are looked up, and the groups they are in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from myapp import accounts
from myapp.accounts import Group, Organization, TooManyGroups
from myapp.accounts.groups import MAX_GROUPS
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.query_log import repeats_allowed
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user


def person(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id


@pytest.fixture
async def ann(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN, name="Ann Admin")


@pytest.fixture
async def board(ann: Scope) -> Group:
    return await accounts.create_group(ann, {"name": "Board"})


async def names(scope: Scope, words: str = "", **options: int | UUID) -> list[str]:
    return [card.name for card in (await accounts.list_people(scope, words, **options)).entries]  # pyright: ignore[reportArgumentType]


async def test_people_are_found_by_parts_of_what_they_are_called(organization: Organization, ann: Scope) -> None:
    for name in ("Bo Berg", "Bea Berger", "100% Bea"):
        await make_member(organization, name=name)
    elsewhere = await make_member(await make_organization(), name="Bea Elsewhere")
    assert await names(ann) == ["100% Bea", "Ann Admin", "Bea Berger", "Bo Berg"]
    assert await names(ann, "berg BE") == ["Bea Berger", "Bo Berg"]
    assert await names(ann, "%") == ["100% Bea"]
    assert await names(ann, "b_r") == []
    assert await names(ann, "nul\x00") == []
    card = await accounts.get_person(ann, person(ann))
    assert await names(ann, f"@{card.username}") == ["Ann Admin"]
    with pytest.raises(NotFound):
        await accounts.get_person(ann, person(elsewhere))


async def test_addresses_are_for_admins_who_also_find_people_by_them(organization: Organization, ann: Scope) -> None:
    member = await make_member(organization, name="Mia Member")
    card = await accounts.get_person(ann, person(member))
    assert "@example.com" in card.email
    assert await names(ann, card.email) == ["Mia Member"]
    assert (await accounts.get_person(member, person(member))).email == ""
    assert await names(member, card.email) == []
    assert {each.email for each in (await accounts.list_people(member)).entries} == {""}


async def test_only_its_people_see_who_is_in_an_organisation(organization: Organization) -> None:
    guest = Scope((await make_user()).id, organization.id)
    for act in (accounts.list_people, accounts.list_groups, lambda scope: accounts.get_person(scope, new_id())):
        with pytest.raises(Forbidden):
            await act(guest)
        with pytest.raises(Unauthenticated):
            await act(Scope.anonymous(organization.id))


async def test_a_page_of_people_costs_two_queries_however_many_there_are(
    organization: Organization, ann: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    with repeats_allowed():
        for _ in range(44):
            await make_member(organization)
    with assert_queries(2):
        page = await accounts.list_people(ann, page=2)
    assert (len(page.entries), page.page, page.total_pages, page.total_count) == (20, 2, 3, 45)
    assert (await accounts.list_people(ann, page=9)).page == 3


async def test_a_group_is_made_renamed_filled_and_deleted_and_its_organisation_is_told(
    organization: Organization, ann: Scope, hub: PubSub
) -> None:
    told: list[object] = []
    hub.subscribe(accounts.topic_people(organization.id), lambda _topic, event: told.append(event))
    member = await make_member(organization, name="Mia Member")
    group = await accounts.create_group(ann, {"name": "  The   board "})
    assert group.name == "The board"
    await accounts.update_group(ann, group.id, {"name": "Board"})
    await accounts.add_to_group(ann, group.id, person(member))
    await accounts.add_to_group(ann, group.id, person(member))
    card = await accounts.get_group(ann, group.id)
    assert (card.name, card.member_count) == ("Board", 1)
    assert await names(ann, group_id=group.id) == ["Mia Member"]
    await accounts.remove_from_group(ann, group.id, person(member))
    with pytest.raises(NotFound):
        await accounts.remove_from_group(ann, group.id, person(member))
    await accounts.delete_group(ann, group.id)
    assert await accounts.list_groups(member) == []
    assert told == [accounts.GroupsChanged(organization.id)] * 5


async def test_a_person_is_put_into_some_groups_and_out_of_the_others(
    organization: Organization, ann: Scope, board: Group
) -> None:
    member = await make_member(organization)
    press = await accounts.create_group(ann, {"name": "Press"})
    await accounts.set_groups(ann, person(member), [board.id])
    await accounts.set_groups(ann, person(member), [press.id])
    assert [group.name for group in await accounts.list_groups(member, of=person(member))] == ["Press"]


async def test_names_of_groups_are_taken_without_regard_to_case_in_their_organisation(ann: Scope, board: Group) -> None:
    elsewhere = await make_member(await make_organization(), Role.ADMIN)
    await accounts.create_group(elsewhere, {"name": "Board"})
    for attrs, complaint in (
        ({"name": "BOARD"}, "has already been taken"),
        ({"name": " "}, "can't be blank"),
        ({"name": "x" * 81}, "should be at most 80 character(s)"),
    ):
        with pytest.raises(Invalid) as refusal:
            await accounts.create_group(ann, attrs)
        assert refusal.value.errors == {"name": [complaint]}


async def test_who_leaves_the_organisation_leaves_its_groups(
    organization: Organization, ann: Scope, board: Group
) -> None:
    member = await make_member(organization)
    await accounts.add_to_group(ann, board.id, person(member))
    await accounts.delete_membership(member, organization.id, person(member))
    assert (await accounts.get_group(ann, board.id)).member_count == 0


async def test_for_a_group_those_are_offered_who_are_not_in_it(
    organization: Organization, ann: Scope, board: Group
) -> None:
    mia, mo = [await make_member(organization, name=name) for name in ("Mia", "Mo")]
    await accounts.add_to_group(ann, board.id, person(mia))
    offered = [each.user_id for each in await accounts.suggest_for_group(ann, board.id, "m")]
    assert (person(mo) in offered, person(mia) in offered) == (True, False)
    with pytest.raises(Forbidden):
        await accounts.suggest_for_group(mia, board.id, "m")


async def test_nobody_of_another_organisation_comes_into_a_group(ann: Scope, board: Group) -> None:
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    for scope, user_id in ((ann, person(elsewhere)), (elsewhere, person(elsewhere))):
        with pytest.raises(NotFound):
            await accounts.add_to_group(scope, board.id, user_id)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
async def test_those_who_do_not_lead_only_see_the_groups(organization: Organization, board: Group, role: Role) -> None:
    scope = await make_member(organization, role)
    assert [group.name for group in await accounts.list_groups(scope)] == ["Board"]
    for act in (
        accounts.create_group(scope, {"name": "Mine"}),
        accounts.update_group(scope, board.id, {"name": "Mine"}),
        accounts.change_group(scope, board.id, {"name": "Mine"}),
        accounts.delete_group(scope, board.id),
        accounts.add_to_group(scope, board.id, person(scope)),
    ):
        with pytest.raises(Forbidden):
            await act


async def test_there_are_never_more_groups_than_a_list_to_choose_from_can_hold(ann: Scope) -> None:
    with repeats_allowed():
        for number in range(MAX_GROUPS):
            await accounts.create_group(ann, {"name": f"Group {number}"})
    with pytest.raises(TooManyGroups):
        await accounts.create_group(ann, {"name": "One more"})
