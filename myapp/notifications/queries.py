"""Every select of the room. All of them are one person's, and of organisations that this person may look into."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import Membership, Organization, User, Visibility
from myapp.kit.selects import Condition, Select, pick
from myapp.notifications.schemas import Notification

MOST = 100
"""Unread ones are counted so far; beyond, it is many."""


def own(user_id: UUID, *conditions: Condition) -> Select:
    """What cards are made of: with the organisation, what the person is there, and who did it."""
    columns = pick(
        col(Notification.id), col(Notification.org_id), col(Notification.kind), col(Notification.subject_id),
        col(Notification.place_id), col(Notification.details), col(Notification.inserted_at),
        col(Notification.read_at).is_not(None).label("is_read"), col(Membership.role),
        col(Organization.slug).label("org_slug"), col(Organization.name).label("org_name"),
        sa.func.coalesce(col(User.name), "").label("actor_name"),
    )  # fmt: skip
    found = _in_sight(columns, user_id).outerjoin(User, col(User.id) == col(Notification.actor_id))
    return found.where(*conditions)


def unread_count(user_id: UUID) -> Select:
    """How many, up to `MOST`."""
    some = _in_sight(pick(sa.literal(1).label("one")), user_id).where(unread(user_id)).limit(MOST).subquery()
    return pick(sa.func.count().label("count")).select_from(some)


def unread(user_id: UUID) -> Condition:
    """Which are a person's and unread."""
    return sa.and_(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))


def _in_sight(columns: Select, user_id: UUID) -> Select:
    """A person's, from organisations that this person may look into."""
    mine = sa.and_(col(Membership.org_id) == col(Notification.org_id), col(Membership.user_id) == user_id)
    is_open = sa.or_(col(Membership.role).is_not(None), col(Organization.visibility) == Visibility.PUBLIC)
    return (
        columns.select_from(Notification)
        .join(Organization, col(Organization.id) == col(Notification.org_id))
        .outerjoin(Membership, mine)
        .where(col(Notification.user_id) == user_id, is_open)
    )
