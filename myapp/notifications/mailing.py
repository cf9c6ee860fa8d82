"""What is not read within a minute is also told by mail, to those who want that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import User, UserSettings
from myapp.kit import mailer
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, Select, fetch, pick
from myapp.notifications import queries
from myapp.notifications.mails import unread_mail
from myapp.notifications.schemas import Notification
from myapp.notifications.subjects import with_subjects

WAIT = timedelta(minutes=1)
STALE = timedelta(days=1)
"""What is older is no news: somebody who turns mails on is not flooded with what was before."""
KEEP = timedelta(days=90)
_PEOPLE = 100  # at one go


@dataclass(frozen=True, slots=True)
class _Recipient:
    user_id: UUID
    email: str
    name: str
    locale: str | None


async def mail_unread(scope: Scope) -> int:
    """Promise a mail to everybody for whom one is due; how many. Only the system does.

    A person's notifications are locked while the mail is written: of two processes one writes it.
    """
    _require_system(scope)
    async with reading(scope):
        people = await fetch(_people().order_by(col(User.id)).limit(_PEOPLE))
    with repeats_allowed():  # a few for each person
        sent = [await _mail(scope, person["user_id"]) for person in people]
    return sum(sent)


def _is_due() -> Condition:
    moment = now()
    return sa.and_(
        col(Notification.read_at).is_(None),
        col(Notification.mailed_at).is_(None),
        col(Notification.inserted_at).between(moment - STALE, moment - WAIT),
    )


def _people() -> Select:
    """People with something due, who have shown that the address is theirs, may log in, and want mail."""
    return (
        pick(col(User.id).label("user_id"), col(User.email), col(User.name), col(User.locale))
        .outerjoin(UserSettings, col(UserSettings.user_id) == col(User.id))
        .where(
            sa.exists().where(col(Notification.user_id) == col(User.id), _is_due()),
            col(User.confirmed_at).is_not(None),
            col(User.deactivated_at).is_(None),
            col(User.anonymised_at).is_(None),
            sa.func.coalesce(col(UserSettings.wants_mail), sa.true()),
        )
    )


async def _mail(scope: Scope, user_id: UUID) -> bool:
    """Whoever has gone, has another address or wants no mail since the others were written to is heeded."""
    async with transaction(scope) as session:
        recipients = await fetch(_people().where(col(User.id) == user_id))
        if not recipients:
            return False
        locking = (
            select(Notification.id)
            .where(col(Notification.user_id) == user_id, _is_due())
            .with_for_update(skip_locked=True)
        )
        found = (await session.exec(locking)).all()
        if not found:
            return False
        person = _Recipient(**recipients[0])
        these = col(Notification.id) == sa.any_(sa.cast(list(found), sa.ARRAY(sa.Uuid())))
        rows = await fetch(queries.own(person.user_id, these).order_by(col(Notification.id)))
        cards = await with_subjects(Scope(person.user_id), rows)
        if cards:
            await mailer.enqueue(unread_mail(person.email, person.name, person.locale, cards))
        await session.exec(sa.update(Notification).where(these).values(mailed_at=now()))
    return bool(cards)


async def prune_notifications(scope: Scope) -> None:
    """Forget what is old. Only the system does."""
    _require_system(scope)
    async with transaction(scope) as session:
        await session.exec(sa.delete(Notification).where(col(Notification.inserted_at) < now() - KEEP))


def _require_system(scope: Scope) -> None:
    if not scope.is_system:
        raise Forbidden
