"""Who belongs to an organisation, and as what. Only the system and operators say so for now."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from myapp.accounts import queries
from myapp.accounts.events import MEMBERSHIPS, MembershipCreated, MembershipDeleted, MembershipUpdated
from myapp.accounts.schemas import Membership
from myapp.kit import audit, repo
from myapp.kit.changeset import change
from myapp.kit.errors import NotFound
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope


async def create_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Let a person in. Raises Invalid when already a member."""
    queries.require_site_wide(scope)
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
        broadcast(MEMBERSHIPS, MembershipCreated(organization_id, user_id))
    return membership


async def update_membership(scope: Scope, organization_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Give a member another role. Raises NotFound for somebody who is none."""
    async with transaction():
        membership = await _locked(scope, organization_id, user_id)
        before, after = ({"user_id": user_id, "role": each} for each in (membership.role, role))
        membership = await repo.update(change(membership, role=role))
        await audit.record(
            scope, "accounts.membership.updated", "organization", organization_id, before=before, after=after
        )
        broadcast(MEMBERSHIPS, MembershipUpdated(organization_id, user_id))
    return membership


async def delete_membership(scope: Scope, organization_id: UUID, user_id: UUID) -> None:
    """Take a person out: what only members may read and hear is closed to them. Raises NotFound."""
    async with transaction():
        membership = await _locked(scope, organization_id, user_id)
        await repo.delete(membership)
        before = {"user_id": user_id, "role": membership.role}
        await audit.record(scope, "accounts.membership.deleted", "organization", organization_id, before=before)
        broadcast(MEMBERSHIPS, MembershipDeleted(organization_id, user_id))


async def _locked(scope: Scope, organization_id: UUID, user_id: UUID) -> Membership:
    """The row, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    queries.require_site_wide(scope)
    found = select(Membership).where(col(Membership.org_id) == organization_id, col(Membership.user_id) == user_id)
    async with transaction() as session:
        membership = (await session.exec(found.with_for_update())).one_or_none()
    if membership is None:
        raise NotFound
    return membership
