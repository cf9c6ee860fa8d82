"""Once a week, by mail, to those who want mail: what was published in the organisations that they belong to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from myapp.accounts import Membership, Organization, User, UserSettings
from myapp.blog import Post, PostStatus
from myapp.kit import jobs, mailer
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, fetch, pick
from myapp.notifications.mails import MOST, DigestLine, digest_mail

WEEK = timedelta(days=7)
DELIVER = "myapp.notifications.jobs.DeliverDigest"


async def queue_digests(scope: Scope) -> int:
    """Add a job for everybody to whom the last week has something to say; how many. Only the system does.

    One a day for each person, however often it is called.
    """
    _require_system(scope)
    today = now().date()
    people = (
        pick(col(User.id).label("user_id"))
        .outerjoin(UserSettings, col(UserSettings.user_id) == col(User.id))
        .where(_wants_it(), sa.exists().where(col(Membership.user_id) == col(User.id), _is_news(today, col(User.id))))
        .order_by(col(User.id))
    )
    async with transaction(scope):
        found = [person["user_id"] for person in await fetch(people)]
        return len(set(await jobs.enqueue_many(DELIVER, [{"user_id": each, "day": today} for each in found])))


async def send_digest(scope: Scope, user_id: UUID, day: date) -> bool:
    """Promise one person's mail about the week before that day; whether there was anything to say.

    Only the system does. Who has changed their mind since, or has left, gets none.
    """
    _require_system(scope)
    person = (
        pick(col(User.email), col(User.name), col(User.locale))
        .outerjoin(UserSettings, col(UserSettings.user_id) == col(User.id))
        .where(col(User.id) == user_id, _wants_it())
    )
    author = aliased(User)
    posts = (
        pick(col(Post.title), col(author.name).label("author"), col(Organization.name).label("org_name"))
        .join(Membership, col(Membership.org_id) == col(Post.org_id))
        .join(Organization, col(Organization.id) == col(Post.org_id))
        .join(author, col(author.id) == col(Post.author_id))
        .where(col(Membership.user_id) == user_id, _is_news(day, user_id))
        .order_by(col(Post.published_at).desc(), col(Post.id))
    )
    async with transaction(scope):
        recipients = await fetch(person)
        lines = [DigestLine(**row) for row in await fetch(posts.limit(MOST + 1))] if recipients else []
        return bool(lines) and await mailer.enqueue(digest_mail(**recipients[0], day=day, lines=lines))


def _is_news(day: date, user_id: object) -> Condition:
    """Somebody else's post, published in the week before that day."""
    end = datetime.combine(day, time(), UTC)
    return sa.and_(
        col(Post.org_id) == col(Membership.org_id),
        col(Post.status) == PostStatus.PUBLISHED,
        col(Post.published_at) >= end - WEEK,
        col(Post.published_at) < end,
        col(Post.author_id) != user_id,
    )


def _wants_it() -> Condition:
    """Who has shown that the address is theirs, may log in, and wants mail."""
    return sa.and_(
        col(User.confirmed_at).is_not(None),
        col(User.deactivated_at).is_(None),
        col(User.anonymised_at).is_(None),
        sa.func.coalesce(col(UserSettings.wants_mail), sa.true()),
    )


def _require_system(scope: Scope) -> None:
    if not scope.is_system:
        raise Forbidden
