"""Organisations and their people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.schemas import Membership, Organization, User, Visibility
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import NotFound
from myapp.kit.pagination import KeysetPage, keyset_page
from myapp.kit.pagination.rows import fetch
from myapp.kit.repo import reading
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import by_name


@dataclass(frozen=True, slots=True)
class OrganizationCard:
    """An organisation in a list, ordered by `sort_name`; `role` is the reader's own there."""

    id: UUID
    name: str
    slug: str
    visibility: Visibility
    role: Role | None
    sort_name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an organisation."""

    user_id: UUID
    name: str
    username: str
    role: Role


async def list_organizations(
    scope: Scope, *, after: str | None = None, before: str | None = None, limit: int = 20
) -> KeysetPage[OrganizationCard]:
    """Those that the scope may look into, by name, next to the cursor `after` or `before`. Raises InvalidCursor."""
    async with reading(scope):
        page = await keyset_page(_listed(scope), order=[(_NAME, "asc")], after=after, before=before, limit=limit)
    return KeysetPage([_card(*row) for row in page.entries], page.before, page.after)


async def fetch_organizations(scope: Scope, ids: Collection[UUID]) -> list[OrganizationCard]:
    """Those of these that the scope may look into, in no order."""
    among = col(Organization.id) == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope):
        return [_card(*row) for row in await fetch(_listed(scope).where(among))]


async def list_own_organizations(scope: Scope) -> list[OrganizationCard]:
    """Those that the person belongs to, by name."""
    own = _listed(scope).where(col(Membership.role).is_not(None)).order_by(_NAME, col(Organization.id))
    async with reading(scope):
        return [_card(*row) for row in await fetch(own)]


_NAME = by_name(col(Organization.name))


def _listed(scope: Scope) -> sa.Select[Organization, Role, str]:
    return queries.organizations_with_role(scope).add_columns(_NAME)


def _card(organization: Organization, role: Role | None, sort_name: str) -> OrganizationCard:
    visibility = Visibility(organization.visibility)
    own = Role(role) if role else None
    return OrganizationCard(organization.id, organization.name, organization.slug, visibility, own, sort_name)


async def get_organization(scope: Scope, organization_id: UUID) -> Organization:
    """Raises NotFound when the scope may not look into it."""
    async with reading(scope) as session:
        found = queries.organizations(scope).where(col(Organization.id) == organization_id)
        organization = (await session.exec(found)).one_or_none()
    if organization is None:
        raise NotFound
    return organization


async def get_organization_by_slug(scope: Scope, slug: str) -> Organization:
    """The one that stands, or stood before, under a slug. Raises NotFound when the scope may look into none."""
    if not is_storable(slug):
        raise NotFound
    async with reading(scope) as session:
        found = queries.organizations(scope).where(queries.at_slug(slug))
        organization = (await session.exec(found)).one_or_none()
    if organization is None:
        raise NotFound
    return organization


async def list_members(scope: Scope) -> list[Member]:
    """Everybody in the organisation at hand, by name, for its members; nobody for others."""
    async with reading(scope) as session:
        rows = (await session.exec(queries.members(scope))).all()
    return [Member(user.id, user.name, user.username, Role(role)) for user, role in rows]


async def find_members(scope: Scope, usernames: Collection[str]) -> dict[str, Member]:
    """Those of the organisation at hand who are called so, in any case, by the names that were asked for; nobody for a
    scope as above.
    """
    names = sa.func.unnest(sa.cast(list(usernames), sa.ARRAY(sa.Text()))).table_valued("asked").render_derived("names")
    is_called = sa.func.lower(col(User.username)) == sa.func.lower(names.c.asked)
    called = queries.members(scope).add_columns(names.c.asked).join(names, is_called)
    async with reading(scope):
        rows = await fetch(called)
    return {name: Member(user.id, user.name, user.username, Role(role)) for user, role, name in rows}


async def is_member(scope: Scope, user_id: UUID) -> bool:
    """Whether a person belongs to the organisation at hand; False for a scope that may not know."""
    async with reading(scope) as session:
        found = queries.members(scope).where(col(Membership.user_id) == user_id)
        return (await session.exec(found)).one_or_none() is not None
