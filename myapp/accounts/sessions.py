"""Who is logged in with which browser. The row is the session: without it the cookie is worth nothing.

    started = await start_session(scope, user_id, Device(ip="192.0.2.7", user_agent="…"), is_remembered=True)
    started.token                                   # for the cookie: never kept, never shown again
    await accounts.delete_session(scope, session_id)

Every log-in begins a session of its own with a token that the server made, so nobody can be given one that somebody
else knows (session fixation). When a session ends its sockets are closed and its tabs told, in every process, after the
commit: who is cut off from that news finds out at the next event, which looks the session up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts.events import CredentialsChanged, SessionEnded, topic_credentials, topic_session
from myapp.accounts.schemas import Session
from myapp.accounts.scopes import REMEMBERED, UNSEEN
from myapp.accounts.tokens import digest, new_token
from myapp.kit import audit, channels
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import current_session, reading, transaction
from myapp.kit.scope import Scope

SUDO_FOR = timedelta(minutes=20)
MAX_USER_AGENT = 500


class SudoRequired(Forbidden):
    """The person is who they say, but has not shown it lately enough for this."""

    message = gettext_noop("Give your password again to go on.")


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody comes from, for them to recognise it in their list of sessions."""

    ip: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class StartedSession:
    """What the browser is to keep. `max_age` is in seconds; None: until the browser is closed."""

    id: UUID
    user_id: UUID
    token: str = field(repr=False)
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A session in the list of one's own."""

    id: UUID
    user_agent: str
    ip: str | None
    is_current: bool
    is_remembered: bool
    inserted_at: datetime
    last_seen_at: datetime


async def start_session(scope: Scope, user_id: UUID, device: Device, *, is_remembered: bool = False) -> StartedSession:
    """A new session of somebody who has just shown who they are; that of `scope`, which the browser had, is over."""
    moment, token = now(), new_token()
    hashed = digest(token)
    assert hashed is not None  # noqa: S101 - it was made just now
    session = Session(
        user_id=user_id,
        hashed_token=hashed,
        user_agent=storable(device.user_agent),
        ip=device.ip,
        is_remembered=is_remembered,
        sudo_at=moment,
        last_seen_at=moment,
        expires_at=moment + (REMEMBERED if is_remembered else UNSEEN),
    )
    person = Scope(user_id=user_id, session_id=session.id)
    async with transaction(person) as database:
        await log_out(scope)
        database.add(session)
        after = {"user_agent": session.user_agent, "is_remembered": is_remembered}
        await audit.record(person, "accounts.session.started", "session", session.id, after=after, ip=device.ip)
        broadcast(topic_credentials(user_id), CredentialsChanged(user_id))
    return StartedSession(session.id, user_id, token, int(REMEMBERED.total_seconds()) if is_remembered else None)


async def list_sessions(scope: Scope) -> list[SessionCard]:
    """One's own, the one seen last first."""
    mine = select(Session).where(col(Session.user_id) == _person(scope), col(Session.expires_at) > now())
    async with reading(scope) as database:
        rows = (await database.exec(mine.order_by(col(Session.last_seen_at).desc(), col(Session.id).desc()))).all()
    return [
        SessionCard(
            row.id,
            row.user_agent,
            str(row.ip) if row.ip else None,
            row.id == scope.session_id,
            row.is_remembered,
            row.inserted_at,
            row.last_seen_at,
        )
        for row in rows
    ]


async def delete_session(scope: Scope, session_id: UUID) -> None:
    """End one of one's own. Raises NotFound for one that is not, or has ended."""
    ended = await _end(scope, col(Session.id) == session_id)
    if not ended:
        raise NotFound


async def delete_other_sessions(scope: Scope) -> int:
    """End all of one's own but the one at hand; how many that were."""
    return len(await _end(scope, col(Session.id).is_distinct_from(scope.session_id)))


async def delete_sessions(scope: Scope) -> int:
    """End all of one's own, the one at hand too; how many that were."""
    return len(await _end(scope, sa.true()))


async def log_out(scope: Scope) -> None:
    """End the session at hand, if there is one."""
    if scope.session_id is not None and scope.user_id is not None:
        await _end(scope, col(Session.id) == scope.session_id, is_log_out=True)


async def end_sessions_of(scope: Scope, user_id: UUID, *, but: UUID | None = None) -> int:
    """End somebody's, within the transaction of what it is done for; for the system, and for oneself.

    For who is deactivated, deletes the account or has a new password.
    """
    if not scope.is_system and not scope.is_operator and scope.user_id != user_id:
        raise Forbidden
    condition = sa.and_(col(Session.user_id) == user_id, col(Session.id).is_distinct_from(but))
    return len(await _delete(scope, condition, is_log_out=False))


async def delete_expired_sessions(scope: Scope) -> int:
    """End those whose time is over, so that their tabs are told; for the system. How many that were."""
    if not scope.is_system:
        raise Forbidden if scope.user_id else Unauthenticated
    async with transaction(scope):
        gone = await _delete_rows(col(Session.expires_at) <= now(), is_log_out=False)
    return len(gone)


async def list_ended_sessions(scope: Scope, ids: Collection[UUID]) -> set[UUID]:
    """Which of these are over; for the system, which may have missed the news."""
    if not scope.is_system:
        raise Forbidden if scope.user_id else Unauthenticated
    among = col(Session.id) == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope) as database:
        alive = (await database.exec(select(Session.id).where(among, col(Session.expires_at) > now()))).all()
    return set(ids) - set(alive)


async def require_sudo(scope: Scope) -> None:
    """Raise SudoRequired unless the person has shown in this session, within 20 minutes, who they are."""
    if scope.is_system:
        return
    fresh = select(Session.id).where(
        col(Session.id) == scope.session_id,
        col(Session.user_id) == _person(scope),
        col(Session.sudo_at) > now() - SUDO_FOR,
    )
    async with reading(scope) as database:
        if (await database.exec(fresh)).first() is None:
            raise SudoRequired


async def note_sudo(scope: Scope) -> None:
    """The person has just shown who they are."""
    async with transaction(scope.outside) as database:
        statement = (
            sa.update(Session)
            .where(col(Session.id) == scope.session_id, col(Session.user_id) == _person(scope))
            .values(sudo_at=now())
            .returning(col(Session.id))
        )
        noted: sa.Result[Any] = await database.exec(statement.execution_options(synchronize_session=False))
        if noted.one_or_none() is not None:
            await audit.record(scope.outside, "accounts.session.confirmed", "session", str(scope.session_id))


async def _end(scope: Scope, condition: sa.ColumnElement[bool], *, is_log_out: bool = False) -> list[UUID]:
    async with transaction(scope.outside):
        own = sa.and_(col(Session.user_id) == _person(scope), condition)
        return await _delete(scope, own, is_log_out=is_log_out)


async def _delete(scope: Scope, condition: sa.ColumnElement[bool], *, is_log_out: bool) -> list[UUID]:
    async with transaction(scope.outside):
        gone = await _delete_rows(condition, is_log_out=is_log_out)
        if gone:
            before = {"sessions": gone}
            deed = "accounts.session.logged_out" if is_log_out else "accounts.sessions.ended"
            await audit.record(scope.outside, deed, "session", gone[0], before=before)
    return gone


async def _delete_rows(condition: sa.ColumnElement[bool], *, is_log_out: bool) -> list[UUID]:
    """The ids of those that are gone, of which their tabs are told, their sockets, and their owner's other tabs."""
    statement = sa.delete(Session).where(condition).returning(col(Session.id), col(Session.user_id))
    result: sa.Result[Any] = await current_session().exec(statement.execution_options(synchronize_session=False))
    gone: list[tuple[UUID, UUID]] = [tuple(row) for row in result]
    for session_id, user_id in gone:
        channels.disconnect(topic_session(session_id))
        broadcast(topic_session(session_id), SessionEnded(session_id, is_log_out))
        broadcast(topic_credentials(user_id), CredentialsChanged(user_id))
    return [session_id for session_id, _ in gone]


def _person(scope: Scope) -> UUID:
    if scope.user_id is None:
        raise Unauthenticated
    return scope.user_id


def storable(text: str) -> str:
    """What a browser or a program says of itself, which may be anything, as it can be kept."""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_USER_AGENT]
