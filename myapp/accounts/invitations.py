"""Invitations by mail: whoever reads the mail of an address may join an organisation, once, with the role given.

The token is in the mail alone, and the database knows its hash. It is good for a week, for one person, whose address
must be the one it was sent to: a mail that is passed on lets nobody in. Sent again, it is another token, and the old
link is worth nothing. Whether the address has an account is asked by nobody who invites, so nobody learns it.

    invitation = await create_invitation(scope, {"email": "mei@example.com", "role": "member"})
    await resend_invitation(scope, invitation.id)

What the person does with the link is in `offers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import mails, policy, queries
from myapp.accounts.events import InvitationsChanged, topic_people
from myapp.accounts.memberships import with_present_role
from myapp.accounts.schemas import Invitation, Organization, User
from myapp.accounts.tokens import digest, new_token
from myapp.kit import audit, mailer, rate_limit, repo
from myapp.kit.changeset import Attrs, Changeset, cast, change
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.pagination import OffsetPage, offset_page
from myapp.kit.pubsub import broadcast
from myapp.kit.rate_limit import Limit
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import named, pick

LIFETIME = timedelta(days=7)
INVITE = Limit("invite", count=50, seconds=3600)  # mails of an organisation, and of a person, who may make many
AGAIN = Limit("invite again", count=1, seconds=60)  # mails of one invitation, after the first
INVITED = gettext_noop("has already been invited")
BELONGS = gettext_noop("already belongs to the organisation")


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """An invitation that nobody has accepted yet."""

    org_id: UUID
    id: UUID
    email: str
    role: Role
    inviter: str
    sent_at: datetime
    expires_at: datetime


async def list_invitations(scope: Scope, *, page: int = 1, page_size: int = 20) -> OffsetPage[InvitationCard]:
    """The open ones of the organisation at hand, the latest first. Raises Forbidden, or Unauthenticated."""
    policy.authorise(scope, "invite")
    found = pick(
        col(Invitation.org_id),
        col(Invitation.id),
        col(Invitation.email),
        col(Invitation.role),
        sa.func.coalesce(col(User.name), "").label("inviter"),
        col(Invitation.sent_at),
        col(Invitation.expires_at),
    ).outerjoin(User, col(User.id) == col(Invitation.invited_by))
    found = found.where(queries.is_visible_invitation(scope)).order_by(col(Invitation.id).desc())
    async with reading(scope):
        listed = await offset_page(found, page=page, page_size=page_size)
    cards = [InvitationCard(**row) for row in named(listed.entries)]
    return OffsetPage(cards, listed.page, listed.page_size, listed.total_count)


async def change_invitation(scope: Scope, attrs: Attrs) -> Changeset[Invitation]:
    """The changeset of a form, with the same complaints as on save."""
    async with reading(scope):
        return (await _checked(scope, _changeset(scope, attrs))).with_action("validate")


async def create_invitation(scope: Scope, attrs: Attrs) -> Invitation:
    """Invite somebody by mail to the organisation at hand. Raises Invalid, Forbidden and RateLimited."""
    policy.authorise(scope, "invite")
    async with transaction(scope):
        scope = await with_present_role(scope)
        changeset = await _checked(scope, _changeset(scope, attrs))
        return await _send(scope, changeset, "created")


async def resend_invitation(scope: Scope, invitation_id: UUID) -> Invitation:
    """Send another link, good for another week; the one sent before is worth nothing. Raises NotFound, RateLimited."""
    policy.authorise(scope, "invite")
    async with transaction(scope):
        scope = await with_present_role(scope)
        invitation = await _locked(scope, invitation_id)
        policy.authorise_role(scope, Role(invitation.role))
        await rate_limit.spend(AGAIN, f"invitation {invitation.id}")
        return await _send(scope, change(invitation), "sent_again")


async def revoke_invitation(scope: Scope, invitation_id: UUID) -> None:
    """Make the link worth nothing. Raises NotFound and Forbidden."""
    async with transaction(scope):
        invitation = await _locked(scope, invitation_id)
        await repo.update(change(invitation, revoked_at=now()))
        await record(scope, invitation, "revoked")


def _changeset(scope: Scope, attrs: Attrs) -> Changeset[Invitation]:
    policy.authorise(scope, "invite")
    if scope.org_id is None:
        raise NotFound
    return (
        cast(Invitation(org_id=scope.org_id, invited_by=scope.user_id), attrs, ["email", "role"])
        .update_change("email", str.strip)
        .validate_required("email", "role")
        .validate_format("email", r"\A[^\s@]+@[^\s@]+\Z")
        .validate_length("email", max=160)
        .validate_inclusion("role", policy.roles_to_give(scope))
        .unique_constraint("email", name="uq_invitations_org_id_email", message=INVITED)
    )


async def _checked(scope: Scope, changeset: Changeset[Invitation]) -> Changeset[Invitation]:
    """Complain about an address that was invited, and may still come, and one that a member has."""
    email = changeset.get_change("email")
    if not isinstance(email, str) or changeset.has_error("email"):
        return changeset
    same = sa.func.lower(email)
    invited = queries.invitations(scope).where(
        sa.func.lower(col(Invitation.email)) == same, col(Invitation.expires_at) > now()
    )
    belongs = queries.members(scope).where(sa.func.lower(col(User.email)) == same)
    if (await repo.current_session().exec(invited)).first() is not None:
        return changeset.add_error("email", INVITED)
    if (await repo.current_session().exec(belongs)).first() is not None:
        return changeset.add_error("email", BELONGS)
    return changeset


async def _send(scope: Scope, changeset: Changeset[Invitation], deed: str) -> Invitation:
    """Write the invitation with a new token, and the mail with it."""
    if changeset.valid:
        inviter = f"user {scope.user_id}" if scope.user_id else None
        await rate_limit.spend(INVITE, f"organization {changeset.data.org_id}", inviter)
    token, moment = new_token(), now()
    timed = (
        changeset.put_change("hashed_token", digest(token))
        .put_change("sent_at", moment)
        .put_change("expires_at", moment + LIFETIME)
        .put_change("invited_by", scope.user_id)
    )
    if deed == "created":
        await _forget_expired(timed)
        invitation = await repo.insert(timed)
    else:
        invitation = await repo.update(timed)
    organization, inviter = await from_whom(invitation)
    locale = await _locale_of(invitation.email)
    await mailer.enqueue(
        mails.invitation(invitation.email, token, organization=organization.name, inviter=inviter, locale=locale)
    )
    await record(scope, invitation, deed)
    return invitation


async def _forget_expired(changeset: Changeset[Invitation]) -> None:
    """An invitation that is too old does not stand in the way of another."""
    if not changeset.valid:
        return
    old = sa.update(Invitation).where(
        col(Invitation.org_id) == changeset.data.org_id,
        sa.func.lower(col(Invitation.email)) == sa.func.lower(changeset.get_field("email")),
        col(Invitation.expires_at) <= now(),
        queries.is_open_invitation(),
    )
    await repo.current_session().exec(old.values(revoked_at=now()))


async def from_whom(invitation: Invitation) -> tuple[Organization, str]:
    """The organisation, and the name of the person who invites; no name for the system."""
    found = (
        select(Organization, User.name)
        .outerjoin(User, col(User.id) == invitation.invited_by)
        .where(col(Organization.id) == invitation.org_id)
    )
    organization, inviter = (await repo.current_session().exec(found)).one()
    return organization, inviter or ""


async def _locale_of(email: str) -> str | None:
    """The language of whoever has the address, if somebody has: only that person comes to know it was asked."""
    found = select(User.locale).where(sa.func.lower(col(User.email)) == sa.func.lower(email))
    return (await repo.current_session().exec(found)).one_or_none()


async def _locked(scope: Scope, invitation_id: UUID) -> Invitation:
    """The row of an open one, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    policy.authorise(scope, "invite")
    found = queries.invitations(scope).where(col(Invitation.id) == invitation_id).with_for_update()
    async with reading(scope) as session:
        invitation = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


async def record(scope: Scope, invitation: Invitation, deed: str) -> None:
    after = {"email": invitation.email, "role": invitation.role}
    await audit.record(scope, f"accounts.invitation.{deed}", "invitation", invitation.id, after=after)
    broadcast(topic_people(invitation.org_id), InvitationsChanged(invitation.org_id))
