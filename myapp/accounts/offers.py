"""Invitations as whoever holds the link sees them: what is offered, and taking it.

The token stands for the invitation, so what it is to may be known without belonging to the organisation; taking it
needs the address, too.

    offer = await get_offer(person, token)
    await accept_invitation(person, token)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts.errors import InvitationClosed, WrongPerson
from myapp.accounts.invitations import from_whom, record
from myapp.accounts.memberships import add_membership
from myapp.accounts.registration import confirm_user
from myapp.accounts.schemas import Invitation, Membership, Organization, User
from myapp.accounts.scopes import is_active
from myapp.accounts.tokens import digest
from myapp.kit import repo
from myapp.kit.changeset import change
from myapp.kit.clock import now
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers to whoever holds its token; `is_for_reader` says whether the reader may take it."""

    org_name: str
    org_slug: str
    role: Role
    inviter: str
    is_member: bool
    is_for_reader: bool


async def get_offer(scope: Scope, token: str) -> Offer:
    """What the token is good for. Raises NotFound for one that never was, InvitationClosed for one no longer good."""
    invited = await _org_of(scope, token)
    async with transaction(invited):
        invitation = await _by_token(invited, token)
        organization, inviter = await from_whom(invitation)
        return Offer(
            organization.name,
            organization.slug,
            Role(invitation.role),
            inviter,
            is_member=await _is_member(invited),
            is_for_reader=await _is_for(invited, invitation),
        )


async def accept_invitation(scope: Scope, token: str) -> Organization:
    """Join the organisation; who belongs to it already keeps the role. The address counts as confirmed: the token was
    sent there. Raises Unauthenticated, NotFound, InvitationClosed, and WrongPerson for somebody with another address.
    """
    if scope.user_id is None:
        raise Unauthenticated
    invited = await _org_of(scope, token)
    async with transaction(replace(invited, org_id=None)):
        organization = await _accept(invited, scope.user_id, token)
        mine = select(User).where(col(User.id) == scope.user_id)
        await confirm_user((await repo.current_session().exec(mine)).one())
    return organization


async def _accept(invited: Scope, user_id: UUID, token: str) -> Organization:
    async with transaction(invited):
        invitation = await _by_token(invited, token, locks=True)
        if not await _is_for(invited, invitation):
            raise WrongPerson
        organization, _ = await from_whom(invitation)
        if not await _is_member(invited):
            await add_membership(invited, invitation.org_id, user_id, Role(invitation.role))
        await repo.update(change(invitation, accepted_at=now()))
        await record(invited, invitation, "accepted")
    return organization


async def _org_of(scope: Scope, token: str) -> Scope:
    """The reader in the organisation that the token is about, without a role. Raises NotFound."""
    anybody = Scope(scope.user_id, session_id=scope.session_id, grants=scope.grants)
    found = select(Invitation.org_id).where(col(Invitation.hashed_token) == digest(token))
    async with reading(Scope.system("to find what a token is for")) as session:
        org_id = (await session.exec(found)).one_or_none()
    if org_id is None:
        raise NotFound
    return replace(anybody, org_id=org_id)


async def _by_token(scope: Scope, token: str, *, locks: bool = False) -> Invitation:
    """The invitation of a token that is still good. Whoever holds it may know what it is to."""
    found = select(Invitation).where(
        col(Invitation.org_id) == scope.org_id, col(Invitation.hashed_token) == digest(token)
    )
    if locks:
        found = found.with_for_update()
    async with reading(scope) as session:
        invitation = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if invitation is None:
        raise NotFound
    if invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now():
        raise InvitationClosed
    if invitation.invited_by is not None and not await _may_act(scope, invitation.invited_by):
        raise InvitationClosed
    return invitation


async def _may_act(scope: Scope, inviter: UUID) -> bool:
    """Whoever an operator keeps out lets nobody in meanwhile."""
    found = select(User.id).where(col(User.id) == inviter, is_active())
    async with reading(scope) as session:
        return (await session.exec(found)).one_or_none() is not None


async def _is_for(scope: Scope, invitation: Invitation) -> bool:
    """Whether the reader has the address it was sent to."""
    mine = select(User.id).where(
        col(User.id) == scope.user_id, sa.func.lower(col(User.email)) == sa.func.lower(invitation.email)
    )
    return (await repo.current_session().exec(mine)).one_or_none() is not None


async def _is_member(scope: Scope) -> bool:
    mine = select(Membership.id).where(col(Membership.org_id) == scope.org_id, col(Membership.user_id) == scope.user_id)
    return (await repo.current_session().exec(mine)).one_or_none() is not None
