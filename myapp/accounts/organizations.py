"""Organisations, who belongs to them, and the scope that an edge makes of a person and an address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.schemas import Membership, Organization, User, Visibility
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, cast, change
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope


@dataclass(frozen=True, slots=True)
class OrganizationCard:
    """An organisation in a list; `role` is the reader's own there."""

    id: UUID
    name: str
    slug: str
    visibility: Visibility
    role: Role | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an organisation."""

    user_id: UUID
    name: str
    username: str
    role: Role


async def scope_for(user_id: UUID | None, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """What this person is in the organisation of this slug or id; without one, who the person is at all.

    Someone who no longer exists is a visitor. Raises NotFound for an organisation that is unknown, or private and not
    the person's.
    """
    async with reading() as session:
        user = await session.get(User, user_id) if user_id else None
        person = Scope(user_id=user.id, is_operator=user.is_operator) if user else Scope.anonymous()
        if org_slug is None and org_id is None:
            return person
        if org_slug is not None and not is_storable(org_slug):
            raise NotFound
        named = col(Organization.id) == org_id if org_slug is None else col(Organization.slug) == org_slug
        row = (await session.exec(queries.organizations_with_role(person).where(named))).one_or_none()
    if row is None:
        raise NotFound
    organization, role = row
    return Scope(person.user_id, organization.id, Role(role) if role else None, person.is_operator)


async def list_organizations(scope: Scope) -> list[OrganizationCard]:
    """Those that the scope may look into, by name."""
    async with reading() as session:
        rows = (await session.exec(queries.organizations_with_role(scope))).all()
    return [
        OrganizationCard(each.id, each.name, each.slug, Visibility(each.visibility), Role(role) if role else None)
        for each, role in rows
    ]


async def get_organization(scope: Scope, organization_id: UUID) -> Organization:
    """Raises NotFound when the scope may not look into it."""
    async with reading() as session:
        found = queries.organizations(scope).where(col(Organization.id) == organization_id)
        organization = (await session.exec(found)).one_or_none()
    if organization is None:
        raise NotFound
    return organization


async def get_organization_by_slug(scope: Scope, slug: str) -> Organization:
    """Raises NotFound when there is none the scope may look into."""
    if not is_storable(slug):
        raise NotFound
    async with reading() as session:
        found = queries.organizations(scope).where(col(Organization.slug) == slug)
        organization = (await session.exec(found)).one_or_none()
    if organization is None:
        raise NotFound
    return organization


async def list_members(scope: Scope) -> list[Member]:
    """Everybody in the organisation at hand, by name, for its members; nobody for others."""
    async with reading() as session:
        rows = (await session.exec(queries.members(scope))).all()
    return [Member(user.id, user.name, user.username, Role(role)) for user, role in rows]


async def find_members(scope: Scope, usernames: Collection[str]) -> list[Member]:
    """Those of the organisation at hand who are called so, in any case, by name; nobody for a scope as above."""
    wanted = sa.any_(sa.cast([name.lower() for name in usernames], sa.ARRAY(sa.Text())))
    async with reading() as session:
        rows = (await session.exec(queries.members(scope).where(sa.func.lower(col(User.username)) == wanted))).all()
    return [Member(user.id, user.name, user.username, Role(role)) for user, role in rows]


async def is_member(scope: Scope, user_id: UUID) -> bool:
    """Whether a person belongs to the organisation at hand; False for a scope that may not know."""
    async with reading() as session:
        found = queries.members(scope).where(col(Membership.user_id) == user_id)
        return (await session.exec(found)).one_or_none() is not None


async def create_organization(scope: Scope, attrs: Attrs) -> Organization:
    """Only the system and operators do so for now. Raises Invalid."""
    _require_site_wide(scope)
    async with transaction():
        organization = await repo.insert(_organization_changeset(Organization(), attrs))
        await audit.record(scope, "accounts.organization.created", "organization", organization.id)
    return organization


async def create_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Let a person in. Only the system and operators do so for now. Raises Invalid when already a member."""
    _require_site_wide(scope)
    changeset = (
        change(Membership(org_id=organization_id, user_id=user_id), role=role)
        .unique_constraint("user_id", name="uq_memberships_org_id_user_id")
        .foreign_key_constraint("org_id", name="fk_memberships_org_id")
        .foreign_key_constraint("user_id", name="fk_memberships_user_id")
    )
    async with transaction():
        membership = await repo.insert(changeset)
        after = {"user_id": user_id, "role": role}
        await audit.record(scope, "accounts.membership.created", "organization", organization_id, after=after)
    return membership


def _organization_changeset(organization: Organization, attrs: Attrs) -> Changeset[Organization]:
    return (
        cast(organization, attrs, ["name", "slug", "visibility", "language"])
        .validate_required("name", "slug")
        .validate_length("name", min=2, max=100)
        .validate_length("slug", max=80)
        .validate_format("slug", r"^[a-z0-9]+(-[a-z0-9]+)*$")
        .unique_constraint("slug", name="uq_organizations_slug")
    )


def _require_site_wide(scope: Scope) -> None:
    if queries.sees_all(scope):
        return
    raise Forbidden if scope.user_id else Unauthenticated
