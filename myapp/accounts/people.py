"""An organisation's people as its members look them up: a page at a time, by words, or those of one group.

Members see who is there and as what; mail addresses are for those who invite by them, its admins.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import policy, queries
from myapp.accounts.faces import avatar_key_of
from myapp.accounts.groups import set_groups
from myapp.accounts.memberships import update_membership
from myapp.accounts.schemas import GroupMember, Membership, User
from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import NotFound
from myapp.kit.pagination import OffsetPage, offset_page
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Column, Condition, Select, fetch, named

MAX_WORDS = 100  # characters of a search


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person of an organisation; `email` is empty for those who may not see it."""

    org_id: UUID
    user_id: UUID
    name: str
    username: str
    avatar_key: str | None
    email: str
    role: Role
    joined_at: datetime


async def list_people(
    scope: Scope, words: str = "", *, group_id: UUID | None = None, page: int = 1, page_size: int = 20
) -> OffsetPage[PersonCard]:
    """Those of the organisation at hand in whose name, user name or address the words are, by name.

    Raises Forbidden, or Unauthenticated, for a scope that is not one of its people.
    """
    policy.authorise(scope, "see_people")
    found = _cards(scope, words)
    if group_id is not None:
        inside = sa.select(col(GroupMember.user_id)).where(
            col(GroupMember.group_id) == group_id, col(GroupMember.org_id) == scope.org_id
        )
        found = found.where(col(User.id).in_(inside))
    async with reading(scope):
        listed = await offset_page(found, page=page, page_size=page_size)
    cards = [PersonCard(**row) for row in named(listed.entries)]
    return OffsetPage(cards, listed.page, listed.page_size, listed.total_count)


async def get_person(scope: Scope, user_id: UUID) -> PersonCard:
    """One of the organisation at hand. Raises NotFound, and Forbidden as above."""
    policy.authorise(scope, "see_people")
    async with reading(scope):
        rows = await fetch(_cards(scope).where(col(User.id) == user_id))
    if not rows:
        raise NotFound
    return PersonCard(**rows[0])


async def change_person(scope: Scope, user_id: UUID, attrs: Attrs) -> Changeset[Membership]:
    """The changeset of a form with somebody's role, with the same complaints as on save. Raises as `get_person`."""
    person = await get_person(scope, user_id)
    policy.authorise(scope, "change_role", person)
    membership = Membership(org_id=person.org_id, user_id=user_id, role=person.role)
    return cast(membership, attrs, ["role"]).validate_inclusion("role", policy.roles_to_give(scope))


async def update_person(
    scope: Scope, user_id: UUID, *, role: Role | None = None, groups: Collection[UUID] | None = None
) -> None:
    """Give somebody another role, and let them be in these groups and in no other; what is None stays.

    Raises NotFound, Forbidden, and LastOwner.
    """
    async with transaction(scope):
        person = await get_person(scope, user_id)
        if role is not None and role != person.role:
            await update_membership(scope, person.org_id, user_id, role)
        if groups is not None:
            await set_groups(scope, user_id, groups)


def _cards(scope: Scope, words: str = "") -> Select:
    sees_addresses = policy.can(scope, "see_addresses")
    email = col(User.email) if sees_addresses else sa.literal("")
    columns: tuple[Column, ...] = (
        col(Membership.org_id),
        col(Membership.user_id),
        col(User.name),
        col(User.username),
        avatar_key_of(col(Membership.user_id)),
        email.label("email"),
        col(Membership.role),
        col(Membership.inserted_at).label("joined_at"),
    )
    searched = [col(User.name), col(User.username), *([col(User.email)] if sees_addresses else [])]
    return (
        queries.members(scope).with_only_columns(*columns, maintain_column_froms=True).where(has_words(searched, words))
    )


def has_words(columns: Collection[Column], words: str) -> Condition:
    """Whether each of the words stands somewhere in one of the columns, in any case."""
    if not is_storable(words):
        return sa.false()
    wanted = [word.removeprefix("@") for word in words[:MAX_WORDS].split()]
    return sa.and_(
        sa.true(), *(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in wanted)
    )
