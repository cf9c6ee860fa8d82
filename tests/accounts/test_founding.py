"""Organisations made, changed and deleted, and where they stand."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from myapp import accounts
from myapp.accounts import Organization, SudoRequired, Unconfirmed, User, Visibility
from myapp.accounts.founding import FOUND, KEPT
from myapp.kit.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user, with_sudo

SYSTEM = Scope.system("a test")


@pytest.fixture
async def somebody(db: AsyncConnection) -> Scope:
    return Scope((await make_user()).id)


async def complaints(scope: Scope, organization: Organization | None = None, **attrs: object) -> dict[str, list[str]]:
    changeset = await accounts.change_organization(scope, organization.id if organization else None, attrs)
    return changeset.error_messages()


async def test_whoever_makes_an_organisation_owns_it(somebody: Scope, hub: PubSub) -> None:
    told: list[object] = []
    hub.subscribe(accounts.MEMBERSHIPS, lambda _topic, event: told.append(event))
    made = await accounts.create_organization(somebody, {"name": "Café Zürich & Söhne", "visibility": "private"})
    assert made.slug == "cafe-zurich-sohne"
    assert (await accounts.scope_for(somebody.user_id, made.slug)).role is Role.OWNER
    assert {type(event) for event in told} == {accounts.MembershipCreated, accounts.OrganizationCreated}


async def test_nobody_makes_them_without_end_and_what_is_refused_does_not_count(somebody: Scope) -> None:
    for number in range(FOUND.count):
        with pytest.raises(Invalid):
            await accounts.create_organization(somebody, {"name": ""})
        await accounts.create_organization(somebody, {"name": f"Number {number}"})
    with pytest.raises(RateLimited):
        await accounts.create_organization(somebody, {"name": "One more"})
    await accounts.create_organization(Scope((await make_user()).id), {"name": "Somebody else's"})


async def test_visitors_make_none(db: AsyncConnection) -> None:
    for act in (accounts.create_organization, lambda scope, attrs: accounts.change_organization(scope, None, attrs)):
        with pytest.raises(Unauthenticated):
            await act(Scope.anonymous(), {"name": "Mine"})


async def test_who_has_not_confirmed_the_address_makes_none(somebody: Scope) -> None:
    async with transaction(SYSTEM) as session:
        unconfirmed = sa.update(User).where(col(User.id) == somebody.user_id).values(confirmed_at=None)
        await session.exec(unconfirmed)
    with pytest.raises(Unconfirmed):
        await accounts.create_organization(somebody, {"name": "Mine"})


async def test_an_address_that_is_made_from_the_name_is_a_free_one(somebody: Scope) -> None:
    made = [await accounts.create_organization(somebody, {"name": "Tea"}) for _ in range(3)]
    assert [each.slug for each in made] == ["tea", "tea-2", "tea-3"]
    assert (await accounts.create_organization(somebody, {"name": "東京"})).slug == "organization"
    preview = await accounts.change_organization(somebody, None, {"name": "Tea"})
    assert preview.get_field("slug") == "tea-4"


async def test_an_address_that_was_asked_for_is_not_replaced(somebody: Scope) -> None:
    await accounts.create_organization(somebody, {"name": "Tea", "slug": "tea"})
    assert await complaints(somebody, name="Other", slug="tea") == {"slug": ["has already been taken"]}
    with pytest.raises(Invalid):
        await accounts.create_organization(somebody, {"name": "Other", "slug": "tea"})
    assert await complaints(somebody, name="Other", slug="No slug\n") == {"slug": ["has invalid format"]}
    assert await complaints(somebody, name="Other", language="klingon") == {"language": ["is invalid"]}
    assert await complaints(somebody, name="") == {"name": ["can't be blank"]}


async def test_nobody_writes_what_is_not_in_the_form(somebody: Scope) -> None:
    attrs = {"name": "Tea", "former_slugs": ["theirs"], "id": str(somebody.user_id)}
    made = await accounts.create_organization(somebody, attrs)
    assert made.former_slugs == []
    assert made.id != somebody.user_id


async def test_the_address_stays_when_the_name_changes(organization: Organization) -> None:
    admin, slug = await make_member(organization, Role.ADMIN), organization.slug
    renamed = await accounts.update_organization(admin, organization.id, {"name": "Another name", "language": "german"})
    assert (renamed.name, renamed.slug, renamed.language) == ("Another name", slug, "german")


async def test_former_addresses_lead_to_the_organisation_and_to_nobody_else(organization: Organization) -> None:
    admin, first = await make_member(organization, Role.ADMIN), organization.slug
    await accounts.update_organization(admin, organization.id, {"slug": "second"})
    await accounts.update_organization(admin, organization.id, {"slug": "third"})
    for slug in (first, "second", "third"):
        assert (await accounts.get_organization_by_slug(Scope.anonymous(), slug)).slug == "third"
        assert (await accounts.scope_for(admin.user_id, slug)).org_id == organization.id
    assert await complaints(admin, name="Thief", slug=first, organization=None) == {"slug": ["has already been taken"]}
    assert (await accounts.create_organization(admin, {"name": "Second"})).slug == "second-2"
    back = await accounts.update_organization(admin, organization.id, {"slug": first})
    assert (back.slug, back.former_slugs) == (first, ["second", "third"])


async def test_only_so_many_former_addresses_are_kept(organization: Organization) -> None:
    admin = await make_member(organization, Role.ADMIN)
    for number in range(KEPT + 2):
        await accounts.update_organization(admin, organization.id, {"slug": f"place-{number}"})
    assert len((await accounts.get_organization(admin, organization.id)).former_slugs) == KEPT
    with pytest.raises(NotFound):
        await accounts.get_organization_by_slug(admin, "place-0")


async def test_two_who_want_the_same_address_at_once_do_not_both_get_it(real_db: str) -> None:
    people = [Scope((await make_user()).id) for _ in range(2)]
    made = await asyncio.gather(*(accounts.create_organization(each, {"name": "Tea"}) for each in people))
    assert {each.slug for each in made} == {"tea", "tea-2"}
    moves = [
        accounts.update_organization(Scope(scope.user_id, each.id, Role.OWNER), each.id, {"slug": "coffee"})
        for scope, each in zip(people, made, strict=True)
    ]
    results = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Invalid", "Organization"]


@pytest.mark.parametrize("role", Role)
async def test_what_each_role_changes_of_the_organisation(organization: Organization, role: Role) -> None:
    scope = await make_member(organization, role)
    if role in {Role.ADMIN, Role.OWNER}:
        await accounts.update_organization(scope, organization.id, {"name": "Another"})
    else:
        with pytest.raises(Forbidden):
            await accounts.update_organization(scope, organization.id, {"name": "Another"})
        with pytest.raises(Forbidden):
            await complaints(scope, organization, name="Another")
    if role is not Role.OWNER:
        with pytest.raises(Forbidden):
            await accounts.delete_organization(scope, organization.id)


async def test_an_organisation_is_deleted_with_all_that_was_in_it(organization: Organization, hub: PubSub) -> None:
    owner = await make_member(organization, Role.OWNER)
    await accounts.create_group(owner, {"name": "Board"})
    told: list[object] = []
    hub.subscribe(accounts.MEMBERSHIPS, lambda _topic, event: told.append(event))
    with pytest.raises(SudoRequired):
        await accounts.delete_organization(owner, organization.id)
    await accounts.delete_organization(await with_sudo(owner), organization.id)
    with pytest.raises(NotFound):
        await accounts.scope_for(owner.user_id, organization.slug)
    assert told == [accounts.OrganizationDeleted(organization.id, concerns_all=True)]


async def test_what_one_may_not_see_is_not_there_to_be_changed(db: AsyncConnection) -> None:
    private = await make_organization(Visibility.PRIVATE)
    stranger = await make_member(await make_organization(), Role.OWNER)
    for act in (
        accounts.update_organization(stranger, private.id, {"name": "Mine"}),
        accounts.change_organization(stranger, private.id, {"name": "Mine"}),
        accounts.delete_organization(stranger, private.id),
    ):
        with pytest.raises(NotFound):
            await act


async def test_every_language_that_is_offered_is_one_that_the_database_knows(db: AsyncConnection) -> None:
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        known = (await connection.exec_driver_sql("SELECT cfgname FROM pg_ts_config")).scalars().all()
    assert set(accounts.LANGUAGES) <= set(known)
