"""What accounts tell everybody who listens, after it is committed.

On `MEMBERSHIPS` is what gives and takes rights, in all organisations, as it is told rarely: who loses a right by it may
have joined what they may no longer hear, so whoever lets people in listens, and asks again. On `topic_people(org_id)`
is whatever changes what one organisation's people pages show, on `USERS` what operators see of all people, and on
`FACES` who is called something else or has another picture, for lists that show people.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from myapp.kit.pubsub import event

MEMBERSHIPS = "memberships"
USERS = "users"
FACES = "faces"


def topic_people(org_id: UUID) -> str:
    """The topic of one organisation's people, invitations and groups."""
    return f"people:{org_id}"


def topic_organization(org_id: UUID) -> str:
    """What is told of an organisation itself, to whoever has a page of it open."""
    return f"organization:{org_id}"


@event("accounts.organization.created")
@dataclass(frozen=True)
class OrganizationCreated:
    """There is another one; `concerns_all` says whether everybody may look into it."""

    org_id: UUID
    concerns_all: bool


@event("accounts.organization.updated")
@dataclass(frozen=True)
class OrganizationUpdated:
    """Its name, address or visibility changed; with the last, who may look into it.

    `concerns_all` says whether everybody may look into it, or could before.
    """

    org_id: UUID
    concerns_all: bool


@event("accounts.organization.deleted")
@dataclass(frozen=True)
class OrganizationDeleted(OrganizationUpdated):
    """It is gone with all that was in it: nobody may look into it."""


@dataclass(frozen=True)
class MembershipEvent:
    """What a person is in an organisation has changed."""

    org_id: UUID
    user_id: UUID


@event("accounts.membership.created")
@dataclass(frozen=True)
class MembershipCreated(MembershipEvent):
    """The person belongs to it now."""


@event("accounts.membership.updated")
@dataclass(frozen=True)
class MembershipUpdated(MembershipEvent):
    """The person has another role."""


@event("accounts.membership.deleted")
@dataclass(frozen=True)
class MembershipDeleted(MembershipEvent):
    """The person no longer belongs to it."""


@event("accounts.operator.changed")
@dataclass(frozen=True)
class OperatorChanged:
    """The person runs the site from now on, and sees all organisations, or no longer."""

    user_id: UUID


@event("accounts.invitations.changed")
@dataclass(frozen=True)
class InvitationsChanged:
    """Somebody was invited, or an invitation was sent again, revoked or accepted."""

    org_id: UUID


@event("accounts.groups.changed")
@dataclass(frozen=True)
class GroupsChanged:
    """A group was made, renamed or deleted, or somebody came into one or left it."""

    org_id: UUID


@event("accounts.user.updated")
@dataclass(frozen=True)
class UserUpdated:
    """What operators see of a person has changed, or the person is new."""

    user_id: UUID


def topic_session(session_id: UUID) -> str:
    """What a session's tabs listen to; the session's sockets have it as their id."""
    return f"session:{session_id}"


@event("accounts.session.ended")
@dataclass(frozen=True)
class SessionEnded:
    """Whoever had this session open is a visitor from now on.

    `is_log_out`: the browser itself has asked for it, and is on its way to another page.
    """

    session_id: UUID
    is_log_out: bool


def topic_person(user_id: UUID) -> str:
    """What is told of a person's account, to the person's own tabs."""
    return f"person:{user_id}"


def topic_credentials(user_id: UUID) -> str:
    """What is told of a person's sessions, programs and keys, to the person's own tabs."""
    return f"credentials:{user_id}"


def topic_api_key(key_id: UUID) -> str:
    """What the sockets of a key have as their id."""
    return f"api-key:{key_id}"


def topic_token_family(family_id: UUID) -> str:
    """What the sockets of a program that somebody has logged in with have as their id."""
    return f"token-family:{family_id}"


@event("accounts.person.updated")
@dataclass(frozen=True)
class PersonUpdated:
    """The person is called, or says, something else, or has other wishes."""

    user_id: UUID


@event("accounts.face.changed")
@dataclass(frozen=True)
class FaceChanged:
    """The person is called something else, or has another picture: whoever shows them looks again."""

    user_id: UUID


@event("accounts.credentials.changed")
@dataclass(frozen=True)
class CredentialsChanged:
    """A session, a program's log-in or a key of the person's came or went."""

    user_id: UUID
