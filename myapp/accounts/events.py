"""What accounts tell everybody who listens, after it is committed: all of it on `MEMBERSHIPS`, as it is told rarely.

Who loses a right by it may have joined what they may no longer hear: whoever lets people in listens, and asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from myapp.kit.pubsub import event

MEMBERSHIPS = "memberships"


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
