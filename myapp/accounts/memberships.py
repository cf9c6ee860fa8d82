"""Who belongs to an organisation, and as what.

What always holds: an organisation that has an owner keeps one, whoever leaves or is demoted at the same moment. So
every change of roles locks the organisation's row first, and looks at the roles anew behind it: those that the scope
was made with may be gone by then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import policy, queries
from myapp.accounts.errors import LastOwner
from myapp.accounts.events import (
    MEMBERSHIPS,
    InvitationsChanged,
    MembershipCreated,
    MembershipDeleted,
    MembershipEvent,
    MembershipUpdated,
    topic_people,
    topic_person,
)
from myapp.accounts.schemas import Invitation, Membership, Organization
from myapp.accounts.sessions import require_sudo
from myapp.kit import audit, repo
from myapp.kit.changeset import change
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope


async def create_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Let a person in, without being asked: for the system and operators. Raises Invalid when already a member."""
    queries.require_site_wide(scope)
    return await add_membership(scope, organization_id, user_id, role)


async def add_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Let a person in; the caller has asked whether that may be. Raises Invalid when already a member."""
    changeset = (
        change(Membership(org_id=organization_id, user_id=user_id), role=role)
        .unique_constraint("user_id", name="uq_memberships_org_id_user_id")
        .foreign_key_constraint("org_id", name="fk_memberships_org_id")
        .foreign_key_constraint("user_id", name="fk_memberships_user_id")
    )
    inside = _inside(scope, organization_id)
    async with transaction(inside):
        membership = await repo.insert(changeset)
        after = {"user_id": user_id, "role": role}
        await audit.record(inside, "accounts.membership.created", "organization", organization_id, after=after)
        _tell(MembershipCreated(organization_id, user_id))
    return membership


async def update_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Give a member another role. Raises NotFound for somebody who is none, Forbidden, and LastOwner."""
    inside = _inside(scope, organization_id)
    async with transaction(inside):
        acting, membership = await _locked(inside, organization_id, user_id)
        policy.authorise(acting, "change_role", membership)
        policy.authorise_role(acting, role)
        if role is not Role.OWNER:
            await _require_another_owner(membership)
        return await _give(inside, membership, role)


async def delete_membership(scope: Scope, organization_id: UUID, user_id: UUID) -> None:
    """Take a person out, or leave oneself: what only members may read and hear is closed to them.

    Raises NotFound for somebody who is no member, Forbidden, and LastOwner.
    """
    inside = _inside(scope, organization_id)
    async with transaction(inside):
        acting, membership = await _locked(inside, organization_id, user_id)
        if acting.user_id != user_id:
            policy.authorise(acting, "remove_member", membership)
        await _require_another_owner(membership)
        await repo.delete(membership)
        before = {"user_id": user_id, "role": membership.role}
        await audit.record(inside, "accounts.membership.deleted", "organization", organization_id, before=before)
        await _revoke_invitations(inside, Scope(user_id, organization_id))
        _tell(MembershipDeleted(organization_id, user_id))


async def transfer_ownership(scope: Scope, organization_id: UUID, user_id: UUID) -> None:
    """Make another member an owner, and oneself an admin.

    Raises NotFound for somebody who is no member, Forbidden, and SudoRequired.
    """
    inside = _inside(scope, organization_id)
    async with transaction(inside):
        acting, heir = await _locked(inside, organization_id, user_id)
        policy.authorise(acting, "transfer_ownership", heir)
        await require_sudo(inside)
        await _give(inside, heir, Role.OWNER)
        if acting.user_id is not None and acting.user_id != user_id and acting.role is Role.OWNER:
            _, own = await _locked(inside, organization_id, acting.user_id)
            await _give(inside, own, Role.ADMIN)


async def with_present_role(scope: Scope) -> Scope:
    """The scope with the role that it has now in the organisation at hand, and never more than it had.

    In the open transaction, until whose end nobody's role changes: what is taken from somebody along with the role, as
    their invitations are, is not to begin behind that. The system and operators need no role.
    """
    if scope.org_id is None or scope.user_id is None or queries.sees_all(scope):
        return scope
    own = await _roles(scope, scope.org_id, {scope.user_id})
    return _acting(scope, own.get(scope.user_id))


def _inside(scope: Scope, organization_id: UUID) -> Scope:
    """The scope within the organisation. Raises NotFound for one of another, and for a person of none."""
    if scope.org_id != organization_id and not (scope.org_id is None and queries.sees_all(scope)):
        raise NotFound
    return replace(scope, org_id=organization_id)


async def count_owners(scope: Scope) -> int:
    """How many lead the organisation at hand. Raises Forbidden, or Unauthenticated, for a scope that is not of it."""
    policy.authorise(scope, "see_people")
    owners = select(sa.func.count()).where(col(Membership.org_id) == scope.org_id, col(Membership.role) == Role.OWNER)
    async with reading(scope) as session:
        return (await session.exec(owners)).one()


async def _give(scope: Scope, membership: Membership, role: Role) -> Membership:
    if membership.role == role:
        return membership
    before, after = ({"user_id": membership.user_id, "role": each} for each in (membership.role, role))
    membership = await repo.update(change(membership, role=role))
    await audit.record(
        scope, "accounts.membership.updated", "organization", membership.org_id, before=before, after=after
    )
    await _revoke_invitations(scope, Scope(membership.user_id, membership.org_id, role))
    _tell(MembershipUpdated(membership.org_id, membership.user_id))
    return membership


async def _revoke_invitations(scope: Scope, inviter: Scope) -> None:
    """What somebody may no longer give is not to be had from them by an old mail either."""
    gone = (
        sa.update(Invitation)
        .where(
            col(Invitation.org_id) == inviter.org_id,
            col(Invitation.invited_by) == inviter.user_id,
            col(Invitation.role).not_in(policy.roles_to_give(inviter)),
            queries.is_open_invitation(),
        )
        .values(revoked_at=now())
        .returning(col(Invitation.id))
    )
    async with reading(scope) as session:
        revoked = (await session.exec(gone)).all()
    for row in revoked:
        await audit.record(scope, "accounts.invitation.revoked", "invitation", row[0])
    if revoked and inviter.org_id is not None:
        broadcast(topic_people(inviter.org_id), InvitationsChanged(inviter.org_id))


async def _locked(scope: Scope, organization_id: UUID, user_id: UUID) -> tuple[Scope, Membership]:
    """The scope with the role it has now, and the person's row: no role changes until the transaction ends.

    Raises NotFound where the scope sees no people, and for a person who is no member.
    """
    roles = await _roles(scope, organization_id, {user_id, scope.user_id})
    acting = _acting(scope, roles.get(scope.user_id) if scope.user_id else None)
    if user_id not in roles or not (acting.is_member or queries.sees_all(acting)):
        raise NotFound
    return acting, roles[user_id]


async def _roles(scope: Scope, organization_id: UUID, users: Collection[UUID | None]) -> dict[UUID, Membership]:
    """Those of these people who are members, behind the lock of the organisation."""
    lock = select(Organization.id).where(col(Organization.id) == organization_id).with_for_update(key_share=True)
    these = select(Membership).where(
        col(Membership.org_id) == organization_id, col(Membership.user_id).in_(set(users) - {None})
    )
    async with reading(scope) as session:
        await session.exec(lock)
        found = (await session.exec(these, execution_options={"populate_existing": True})).all()
    return {each.user_id: each for each in found}


def _acting(scope: Scope, own: Membership | None) -> Scope:
    """A key may be good for less than its person's role: the scope never becomes more than it was."""
    role = min(scope.role, Role(own.role), key=lambda each: each.rank) if own and scope.role else None
    return replace(scope, role=role)


async def _require_another_owner(membership: Membership) -> None:
    """Raise LastOwner for the only one. Behind the lock of `_locked`."""
    if membership.role != Role.OWNER:
        return
    others = select(Membership.id).where(
        col(Membership.org_id) == membership.org_id,
        col(Membership.role) == Role.OWNER,
        col(Membership.user_id) != membership.user_id,
    )
    if (await repo.current_session().exec(others.limit(1))).first() is None:
        raise LastOwner


def _tell(event: MembershipEvent) -> None:
    broadcast(MEMBERSHIPS, event)
    broadcast(topic_people(event.org_id), event)
    broadcast(topic_person(event.user_id), event)
