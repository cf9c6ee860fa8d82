"""Who belongs to an organisation, and as what: what each role may change, and that an owner stays."""

from __future__ import annotations

import asyncio
from itertools import product
from uuid import UUID

import pytest
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import LastOwner, Membership, Organization, SudoRequired, Visibility
from myapp.kit.audit import AuditLog
from myapp.kit.clock import new_id
from myapp.kit.errors import AppError, Forbidden, NotFound
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user, with_sudo

SYSTEM = Scope.system("a test")


def person(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id


async def roles(organization: Organization) -> dict[UUID, Role]:
    found = select(Membership).where(col(Membership.org_id) == organization.id)
    async with transaction(SYSTEM) as session:
        return {each.user_id: Role(each.role) for each in (await session.exec(found)).all()}


async def refusal(act: object) -> type[BaseException] | None:
    try:
        await act  # pyright: ignore[reportGeneralTypeIssues]
    except AppError as error:
        return type(error)
    return None


@pytest.mark.parametrize(("who", "whose", "to"), list(product(Role, Role, Role)))
async def test_a_role_is_given_by_those_above_both_what_it_was_and_what_it_becomes(
    organization: Organization, who: Role, whose: Role, to: Role
) -> None:
    await make_member(organization, Role.OWNER)
    actor, other = await make_member(organization, who), await make_member(organization, whose)
    may = who is Role.OWNER or (who is Role.ADMIN and whose.rank < who.rank and to.rank < who.rank)
    refused = await refusal(accounts.update_membership(actor, organization.id, person(other), to))
    assert refused is (None if may else Forbidden)
    assert (await roles(organization))[person(other)] == (to if may else whose)


@pytest.mark.parametrize(("who", "whose"), list(product(Role, Role)))
async def test_a_person_is_taken_out_by_those_above(organization: Organization, who: Role, whose: Role) -> None:
    await make_member(organization, Role.OWNER)
    actor, other = await make_member(organization, who), await make_member(organization, whose)
    may = who is Role.OWNER or (who is Role.ADMIN and whose.rank < who.rank)
    assert await refusal(accounts.delete_membership(actor, organization.id, person(other))) is (
        None if may else Forbidden
    )
    assert (person(other) in await roles(organization)) is not may


@pytest.mark.parametrize("role", Role)
async def test_everybody_may_leave(organization: Organization, role: Role) -> None:
    await make_member(organization, Role.OWNER)
    scope = await make_member(organization, role)
    await accounts.delete_membership(scope, organization.id, person(scope))
    assert person(scope) not in await roles(organization)


async def test_the_last_owner_neither_leaves_nor_is_demoted_nor_taken_out(organization: Organization) -> None:
    owner, admin = await make_member(organization, Role.OWNER), await make_member(organization, Role.ADMIN)
    operator = Scope((await make_user(is_operator=True)).id, organization.id, is_operator=True)
    acts = [
        accounts.delete_membership(owner, organization.id, person(owner)),
        accounts.update_membership(owner, organization.id, person(owner), Role.ADMIN),
        accounts.update_membership(operator, organization.id, person(owner), Role.MEMBER),
        accounts.delete_membership(SYSTEM, organization.id, person(owner)),
    ]
    assert [await refusal(act) for act in acts] == [LastOwner] * 4
    await accounts.update_membership(owner, organization.id, person(admin), Role.OWNER)
    await accounts.delete_membership(owner, organization.id, person(owner))
    assert await roles(organization) == {person(admin): Role.OWNER}


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param(("leave", "leave"), id="both leave"),
        pytest.param(("demote the other", "demote the other"), id="each demotes the other"),
        pytest.param(("leave", "remove the other"), id="one leaves, one is left alone"),
        pytest.param(("transfer to the other", "leave"), id="one hands over to one who leaves"),
    ],
)
async def test_of_two_owners_who_go_at_once_one_stays(real_db: str, acts: tuple[str, str]) -> None:
    organization = await make_organization()
    pair = [await make_member(organization, Role.OWNER) for _ in range(2)]

    async def act(name: str, own: Scope, other: Scope) -> None:
        match name:
            case "leave":
                await accounts.delete_membership(own, organization.id, person(own))
            case "demote the other":
                await accounts.update_membership(own, organization.id, person(other), Role.MEMBER)
            case "remove the other":
                await accounts.delete_membership(own, organization.id, person(other))
            case _:
                await accounts.transfer_ownership(await with_sudo(own), organization.id, person(other))

    for _ in range(5):
        results = await asyncio.gather(act(acts[0], *pair), act(acts[1], *reversed(pair)), return_exceptions=True)
        assert all(isinstance(each, AppError | None) for each in results), results
        left = await roles(organization)
        assert Role.OWNER in left.values()
        for each in pair:
            if person(each) not in left:
                await accounts.create_membership(SYSTEM, organization.id, person(each), Role.OWNER)
            elif left[person(each)] is not Role.OWNER:
                await accounts.update_membership(SYSTEM, organization.id, person(each), Role.OWNER)


async def test_a_role_that_was_taken_away_meanwhile_gives_no_right(organization: Organization) -> None:
    await make_member(organization, Role.OWNER)
    admin, member = await make_member(organization, Role.ADMIN), await make_member(organization)
    await accounts.update_membership(SYSTEM, organization.id, person(admin), Role.MEMBER)
    with pytest.raises(Forbidden):
        await accounts.delete_membership(admin, organization.id, person(member))
    await accounts.delete_membership(SYSTEM, organization.id, person(admin))
    with pytest.raises(NotFound):
        await accounts.delete_membership(admin, organization.id, person(member))


async def test_a_key_that_is_good_for_less_than_its_persons_role_gives_no_more(organization: Organization) -> None:
    owner, member = await make_member(organization, Role.OWNER), await make_member(organization)
    for grants in ({Grant.READ}, {Grant.READ, Grant.WRITE}):
        with pytest.raises(Forbidden):
            await accounts.delete_membership(owner.limited_to(frozenset(grants)), organization.id, person(member))
    await accounts.delete_membership(owner.limited_to(frozenset(Grant)), organization.id, person(member))


async def test_ownership_is_handed_over_in_one_step_and_written_down(organization: Organization, hub: PubSub) -> None:
    owner, heir = await make_member(organization, Role.OWNER), await make_member(organization)
    told: list[object] = []
    hub.subscribe(accounts.topic_people(organization.id), lambda _topic, event: told.append(event))
    with pytest.raises(Forbidden):
        await accounts.transfer_ownership(heir, organization.id, person(heir))
    with pytest.raises(NotFound):
        await accounts.transfer_ownership(owner, organization.id, new_id())
    with pytest.raises(SudoRequired):
        await accounts.transfer_ownership(owner, organization.id, person(heir))
    await accounts.transfer_ownership(await with_sudo(owner), organization.id, person(heir))
    assert await roles(organization) == {person(owner): Role.ADMIN, person(heir): Role.OWNER}
    assert told == [accounts.MembershipUpdated(organization.id, person(each)) for each in (heir, owner)]
    async with transaction(SYSTEM) as session:
        rows = (await session.exec(select(AuditLog).where(col(AuditLog.action) == "accounts.membership.updated"))).all()
    assert [(row.before, row.after) for row in sorted(rows, key=lambda row: row.id)] == [
        ({"user_id": str(person(who)), "role": was}, {"user_id": str(person(who)), "role": became})
        for who, was, became in ((heir, "member", "owner"), (owner, "owner", "admin"))
    ]


async def test_handing_over_to_oneself_changes_nothing(organization: Organization) -> None:
    owner = await make_member(organization, Role.OWNER)
    await accounts.transfer_ownership(await with_sudo(owner), organization.id, person(owner))
    assert await roles(organization) == {person(owner): Role.OWNER}


@pytest.mark.parametrize("visibility", Visibility)
async def test_people_of_another_organisation_are_not_there(db: object, visibility: Visibility) -> None:
    place = await make_organization(visibility)
    member = await make_member(place)
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    guest = Scope(elsewhere.user_id, place.id)
    for scope in (elsewhere, guest, Scope.anonymous(), Scope.anonymous(place.id), Scope(elsewhere.user_id)):
        with pytest.raises(NotFound):
            await accounts.update_membership(scope, place.id, person(member), Role.OWNER)
        with pytest.raises(NotFound):
            await accounts.delete_membership(scope, place.id, person(member))
        with pytest.raises(NotFound):
            await accounts.transfer_ownership(scope, place.id, person(member))
