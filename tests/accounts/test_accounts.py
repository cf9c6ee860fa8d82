"""People and organisations: who is found by whom, and the scope a person acts with."""

from __future__ import annotations

from uuid import UUID

import pytest

from myapp import accounts
from myapp.accounts import Organization, Visibility
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user

SYSTEM = Scope.system("a test")


@pytest.fixture
async def public(db: object) -> Organization:
    return await make_organization()


@pytest.fixture
async def private(db: object) -> Organization:
    return await make_organization(Visibility.PRIVATE)


async def test_a_member_acts_with_the_own_role(private: Organization) -> None:
    scope = await make_member(private, Role.ADMIN)
    assert await accounts.scope_for(scope.user_id, private.slug) == scope


async def test_a_visitor_enters_public_organisations_only(public: Organization, private: Organization) -> None:
    assert await accounts.scope_for(None, public.slug) == Scope.anonymous(public.id)
    for slug in (private.slug, "unknown"):
        with pytest.raises(NotFound):
            await accounts.scope_for(None, slug)


async def test_somebody_from_elsewhere_is_a_guest_without_a_role(public: Organization, private: Organization) -> None:
    stranger = await make_member(await make_organization())
    assert await accounts.scope_for(stranger.user_id, public.slug) == Scope(stranger.user_id, public.id)
    with pytest.raises(NotFound):
        await accounts.scope_for(stranger.user_id, private.slug)


async def test_an_operator_enters_everywhere(private: Organization) -> None:
    operator = await make_user(is_operator=True)
    assert (await accounts.scope_for(operator.id, private.slug)).at_least(Role.OWNER)


async def test_somebody_who_is_gone_is_a_visitor(db: object) -> None:
    assert await accounts.scope_for(new_id()) == Scope.anonymous()


async def test_organisations_are_listed_with_ones_own_role(public: Organization, private: Organization) -> None:
    member = await make_member(private, Role.MODERATOR)
    listed = {card.slug: card.role for card in (await accounts.list_organizations(member)).entries}
    assert listed == {public.slug: None, private.slug: Role.MODERATOR}
    assert [card.slug for card in await accounts.list_own_organizations(member)] == [private.slug]
    assert [card.slug for card in (await accounts.list_organizations(Scope.anonymous())).entries] == [public.slug]


async def test_members_know_each_other_and_nobody_else_does(public: Organization) -> None:
    ann, bob = await make_member(public, Role.OWNER, name="Ann"), await make_member(public, name="Bob")
    assert bob.user_id is not None
    assert [(member.name, member.role) for member in await accounts.list_members(bob)] == [
        ("Ann", Role.OWNER),
        ("Bob", Role.MEMBER),
    ]
    assert (await accounts.get_user(ann, bob.user_id)).name == "Bob"
    assert await accounts.is_member(ann, bob.user_id)
    guest = Scope((await make_user()).id, public.id)
    for stranger in (Scope.anonymous(public.id), guest):
        assert await accounts.list_members(stranger) == []
        assert not await accounts.is_member(stranger, bob.user_id)
        with pytest.raises(NotFound):
            await accounts.get_user(stranger, bob.user_id)


async def test_names_are_taken_without_regard_to_case(db: object) -> None:
    await accounts.create_user(SYSTEM, {"email": "Ann@example.com", "username": "Ann", "name": "Ann"})
    for attrs, field in (
        ({"email": "ann@EXAMPLE.com", "username": "other", "name": "Ann"}, "email"),
        ({"email": "other@example.com", "username": "ANN", "name": "Ann"}, "username"),
    ):
        with pytest.raises(Invalid) as refusal:
            await accounts.create_user(SYSTEM, attrs)
        assert refusal.value.errors == {field: ["has already been taken"]}


async def test_what_a_person_and_an_organisation_must_be(db: object) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.create_user(SYSTEM, {"email": "no address", "username": "ab"})
    assert refusal.value.errors == {
        "name": ["can't be blank"],
        "email": ["has invalid format"],
        "username": ["should be at least 3 character(s)"],
    }
    with pytest.raises(Invalid) as refusal:
        await accounts.create_organization(SYSTEM, {"name": "x", "slug": "No Slug", "visibility": "hidden"})
    assert refusal.value.errors == {
        "visibility": ["is invalid"],
        "name": ["should be at least 2 character(s)"],
        "slug": ["has invalid format"],
    }


async def test_a_person_belongs_to_an_organisation_once(public: Organization) -> None:
    user = await make_user()
    await accounts.create_membership(SYSTEM, public.id, user.id, Role.MEMBER)
    with pytest.raises(Invalid) as refusal:
        await accounts.create_membership(SYSTEM, public.id, user.id, Role.OWNER)
    assert refusal.value.errors == {"user_id": ["has already been taken"]}


async def test_a_member_gets_another_role_and_goes_and_everybody_who_listens_is_told(
    public: Organization, hub: PubSub
) -> None:
    told: list[object] = []
    hub.subscribe(accounts.MEMBERSHIPS, lambda _topic, event: told.append(event))
    user_id = (await make_user()).id
    await accounts.create_membership(SYSTEM, public.id, user_id, Role.MEMBER)
    await accounts.update_membership(SYSTEM, public.id, user_id, Role.ADMIN)
    assert (await accounts.scope_for(user_id, public.slug)).role is Role.ADMIN
    await accounts.delete_membership(SYSTEM, public.id, user_id)
    assert (await accounts.scope_for(user_id, public.slug)).role is None
    for change in (accounts.delete_membership(SYSTEM, public.id, user_id), none_becomes_owner(public, user_id)):
        with pytest.raises(NotFound):
            await change
    names = [accounts.MembershipCreated, accounts.MembershipUpdated, accounts.MembershipDeleted]
    assert told == [name(public.id, user_id) for name in names]


async def none_becomes_owner(organization: Organization, user_id: UUID) -> object:
    return await accounts.update_membership(SYSTEM, organization.id, user_id, Role.OWNER)


async def test_an_organization_becomes_private_and_is_written_down_with_what_it_was(
    public: Organization, hub: PubSub
) -> None:
    told: list[object] = []
    hub.subscribe(accounts.MEMBERSHIPS, lambda _topic, event: told.append(event))
    with pytest.raises(Invalid):
        await accounts.update_organization(SYSTEM, public.id, {"name": "x"})
    await accounts.update_organization(SYSTEM, public.id, {"visibility": "private"})
    with pytest.raises(NotFound):
        await accounts.scope_for(None, public.slug)
    with pytest.raises(NotFound):
        await accounts.update_organization(SYSTEM, new_id(), {})
    assert told == [accounts.OrganizationUpdated(public.id, concerns_all=True)]


async def test_only_the_system_and_operators_let_people_in(public: Organization) -> None:
    owner = await make_member(public, Role.OWNER)
    with pytest.raises(Forbidden):
        await accounts.create_user(owner, {})
    with pytest.raises(Unauthenticated):
        await accounts.create_organization(Scope.anonymous(), {})


async def test_a_history_is_read_by_its_person_and_by_admins(public: Organization) -> None:
    person, admin, other = await make_member(public), await make_member(public, Role.ADMIN), await make_member(public)
    assert person.user_id is not None
    await accounts.record_activity(admin, person.user_id, "post.received", "post", new_id(), {"title": "A post"})
    seen = [len(await accounts.list_activities(scope, person.user_id)) for scope in (person, admin, other)]
    assert seen == [1, 1, 0]
    with pytest.raises(Forbidden):
        await accounts.record_activity(Scope.anonymous(public.id), person.user_id, "post.read", "post", new_id(), {})
