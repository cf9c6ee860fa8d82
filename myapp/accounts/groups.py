"""Groups: some of an organisation's people under a name, made by its admins. Who leaves it leaves its groups."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from myapp.accounts import policy, queries
from myapp.accounts.events import GroupsChanged, topic_people
from myapp.accounts.schemas import Group, GroupMember, Membership
from myapp.accounts.suggestions import SuggestedMember, suggest_members
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch

MAX_GROUPS = 50


class TooManyGroups(Conflict):
    """Groups are chosen from a list that has to stay short."""

    message = gettext_noop("There is no room for another group: delete one first.")


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group and how many are in it."""

    org_id: UUID
    id: UUID
    name: str
    member_count: int


async def list_groups(scope: Scope, *, of: UUID | None = None) -> list[GroupCard]:
    """The groups of the organisation at hand by name, at most `MAX_GROUPS`; with `of` those that a person is in.

    Raises Forbidden, or Unauthenticated, for a scope that is not one of its people.
    """
    policy.authorise(scope, "see_people")
    count = sa.select(sa.func.count()).where(col(GroupMember.group_id) == col(Group.id)).scalar_subquery()
    found = sa.select(col(Group.org_id), col(Group.id), col(Group.name), count.label("member_count"))
    found = found.where(col(Group.org_id) == scope.org_id).order_by(sa.func.lower(col(Group.name)), col(Group.id))
    if of is not None:
        inside = sa.select(col(GroupMember.group_id)).where(col(GroupMember.user_id) == of)
        found = found.where(col(Group.id).in_(inside))
    async with reading(scope):
        return [GroupCard(**row) for row in await fetch(found)]


async def get_group(scope: Scope, group_id: UUID) -> GroupCard:
    """One of the organisation at hand. Raises NotFound, and Forbidden as above."""
    found = [group for group in await list_groups(scope) if group.id == group_id]
    if not found:
        raise NotFound
    return found[0]


async def change_group(scope: Scope, group_id: UUID | None, attrs: Attrs) -> Changeset[Group]:
    """The changeset of a form, for a new group or one to be renamed, with the same complaints as on save."""
    async with reading(scope):
        group = _blank(scope) if group_id is None else await _locked(scope, group_id)
        policy.authorise(scope, "manage_groups", group)
        return _changeset(group, attrs).with_action("validate")


async def create_group(scope: Scope, attrs: Attrs) -> Group:
    """Make a group without anybody in it. Raises Invalid and TooManyGroups."""
    group = _blank(scope)
    policy.authorise(scope, "manage_groups", group)
    async with transaction(scope), repo.advisory_lock(f"groups of {group.org_id}"):
        if len(await list_groups(scope)) >= MAX_GROUPS:
            raise TooManyGroups
        group = await repo.insert(_changeset(group, attrs))
        await audit.record(scope, "accounts.group.created", "group", group.id, after={"name": group.name})
        _tell(group)
    return group


async def update_group(scope: Scope, group_id: UUID, attrs: Attrs) -> Group:
    """Give a group another name. Raises Invalid, NotFound and Forbidden."""
    async with transaction(scope):
        group = await _locked(scope, group_id)
        before = {"name": group.name}
        group = await repo.update(_changeset(group, attrs))
        after = {"name": group.name}
        if after != before:
            await audit.record(scope, "accounts.group.updated", "group", group.id, before=before, after=after)
            _tell(group)
    return group


async def delete_group(scope: Scope, group_id: UUID) -> None:
    """Delete a group; its people stay in the organisation. Raises NotFound and Forbidden."""
    async with transaction(scope):
        group = await _locked(scope, group_id)
        await repo.delete(group)
        await audit.record(scope, "accounts.group.deleted", "group", group.id, before={"name": group.name})
        _tell(group)


async def set_groups(scope: Scope, user_id: UUID, group_ids: Collection[UUID]) -> None:
    """Let a member of the organisation be in these of its groups, and in no other. Raises NotFound and Forbidden."""
    async with transaction(scope):
        inside = {group.id for group in await list_groups(scope, of=user_id)}
        for group_id in set(group_ids) - inside:
            await add_to_group(scope, group_id, user_id)
        for group_id in inside - set(group_ids):
            await remove_from_group(scope, group_id, user_id)


async def suggest_for_group(scope: Scope, group_id: UUID, words: str) -> list[SuggestedMember]:
    """Members of the organisation who are not in a group, for who may take them in. Raises NotFound and Forbidden."""
    policy.authorise(scope, "manage_groups", await get_group(scope, group_id))
    inside = sa.select(col(GroupMember.user_id)).where(col(GroupMember.group_id) == group_id)
    return await suggest_members(scope, words, but=inside)


async def add_to_group(scope: Scope, group_id: UUID, user_id: UUID) -> None:
    """Take a member of the organisation into a group. Raises NotFound for one who is none, and Forbidden."""
    async with transaction(scope) as session:
        group = await _locked(scope, group_id)
        person = queries.members(scope).where(col(Membership.user_id) == user_id)
        if (await session.exec(person)).one_or_none() is None:
            raise NotFound
        row = GroupMember(org_id=group.org_id, group_id=group_id, user_id=user_id)
        added = insert(GroupMember).values(row.model_dump()).on_conflict_do_nothing().returning(col(GroupMember.id))
        if (await session.exec(added)).one_or_none() is not None:
            await audit.record(scope, "accounts.group.member_added", "group", group_id, after={"user_id": user_id})
            _tell(group)


async def remove_from_group(scope: Scope, group_id: UUID, user_id: UUID) -> None:
    """Take somebody out of a group. Raises NotFound for one who is not in it, and Forbidden."""
    async with transaction(scope) as session:
        group = await _locked(scope, group_id)
        gone = sa.delete(GroupMember).where(col(GroupMember.group_id) == group_id, col(GroupMember.user_id) == user_id)
        if (await session.exec(gone.returning(col(GroupMember.id)))).one_or_none() is None:
            raise NotFound
        await audit.record(scope, "accounts.group.member_removed", "group", group_id, before={"user_id": user_id})
        _tell(group)


async def _locked(scope: Scope, group_id: UUID) -> Group:
    """The row, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    policy.authorise(scope, "see_people")
    found = queries.groups(scope).where(col(Group.id) == group_id).with_for_update()
    async with reading(scope) as session:
        group = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if group is None:
        raise NotFound
    policy.authorise(scope, "manage_groups", group)
    return group


def _changeset(group: Group, attrs: Attrs) -> Changeset[Group]:
    return (
        cast(group, attrs, ["name"])
        .update_change("name", lambda name: " ".join(name.split()))
        .validate_required("name")
        .validate_length("name", max=80)
        .unique_constraint("name", name="uq_groups_org_id_name")
    )


def _blank(scope: Scope) -> Group:
    if scope.org_id is None:
        raise NotFound
    return Group(org_id=scope.org_id)


def _tell(group: Group) -> None:
    broadcast(topic_people(group.org_id), GroupsChanged(group.org_id))
