"""Somebody logged in with a program: a refresh token that is given once, and a new one in its place each time.

    tokens = await create_token_family(scope, device)       # of somebody who has just given the password
    tokens = await rotate_refresh_token(tokens.refresh_token)

All tokens that follow from one log-in are a family. A token is good for 30 days and for one renewal. Who shows a spent
one has got it from somebody else, or somebody else has: the two cannot be told apart, so the whole family ends, and
with it the access of both (RFC 9700, 4.14.2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from typing import cast as typed
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import queries
from myapp.accounts.events import CredentialsChanged, topic_credentials, topic_token_family
from myapp.accounts.schemas import RefreshToken, TokenFamily, User
from myapp.accounts.scopes import is_active
from myapp.accounts.sessions import Device, storable
from myapp.accounts.tokens import digest, new_token
from myapp.kit import audit, channels
from myapp.kit.clock import now
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import current_session, reading, transaction
from myapp.kit.scope import Scope

REFRESH_LIFETIME = timedelta(days=30)
_LOOK_UP = Scope.system("to see whose token it is")


class InvalidToken(Unauthenticated):
    """A refresh token that is unknown, spent, too old, or of a log-in that is over."""

    message = gettext_noop("This token is not valid any more. Log in again.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program is given: the family is what its access stands for, the token is its next renewal."""

    user_id: UUID
    family_id: UUID
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProgramCard:
    """A program in the list of where one is logged in."""

    id: UUID
    user_agent: str
    ip: str | None
    inserted_at: datetime
    last_used_at: datetime


async def create_token_family(scope: Scope, device: Device) -> Tokens:
    """Log somebody in with a program, who has just shown who they are; it belongs to no organisation."""
    scope = Scope(user_id=queries.holder(scope))
    family = TokenFamily(
        user_id=queries.holder(scope),
        user_agent=storable(device.user_agent),
        ip=device.ip,
        expires_at=now() + REFRESH_LIFETIME,
    )
    async with transaction(scope) as session:
        session.add(family)
        await session.flush()
        token = _give(family.id)
        after = {"user_agent": family.user_agent}
        await audit.record(scope, "accounts.program.logged_in", "token_family", family.id, after=after, ip=device.ip)
        broadcast(topic_credentials(family.user_id), CredentialsChanged(family.user_id))
    return Tokens(family.user_id, family.id, token)


async def rotate_refresh_token(token: str) -> Tokens:
    """The next token for this one, which is spent from now on. Raises InvalidToken, and ends a family it leaked from.

    Of two who come with the same token at once one is the second, as they wait for each other.
    """
    async with transaction(_LOOK_UP):
        found = await _locked(token)
        if found is None:
            raise InvalidToken
        family, shown = found
        if shown.spent_at is None:
            return _renew(family, shown)
        scope = Scope(user_id=family.user_id)
        await audit.record(scope, "accounts.program.token_reused", "token_family", family.id)
        await _end(scope, col(TokenFamily.id) == family.id)
    raise InvalidToken


async def list_programs(scope: Scope) -> list[ProgramCard]:
    """Where one is logged in with a program, the one used last first."""
    mine = select(TokenFamily).where(col(TokenFamily.user_id) == queries.holder(scope))
    alive = mine.where(col(TokenFamily.expires_at) > now()).order_by(col(TokenFamily.last_used_at).desc())
    async with reading(scope) as session:
        rows = (await session.exec(alive.limit(100))).all()
    return [
        ProgramCard(row.id, row.user_agent, str(row.ip) if row.ip else None, row.inserted_at, row.last_used_at)
        for row in rows
    ]


async def delete_program(scope: Scope, family_id: UUID) -> None:
    """Log one of one's own programs out. Raises NotFound."""
    scope = scope.outside
    own = sa.and_(col(TokenFamily.id) == family_id, col(TokenFamily.user_id) == queries.holder(scope))
    async with transaction(scope):
        if not await _end(scope, own):
            raise NotFound
        await audit.record(scope, "accounts.program.logged_out", "token_family", family_id)


async def end_programs_of(scope: Scope, user_id: UUID) -> int:
    """Log all of somebody's out within the transaction of what it is done for; for the system, and for oneself."""
    queries.require_own(scope, user_id)
    return len(await _end(scope, col(TokenFamily.user_id) == user_id))


async def delete_expired_programs(scope: Scope) -> int:
    """Forget log-ins and tokens whose time is over; for the system. How many log-ins that were."""
    queries.require_site_wide(scope)
    async with transaction(scope) as session:
        old: Any = sa.delete(RefreshToken).where(col(RefreshToken.expires_at) <= now())
        await session.exec(old.execution_options(synchronize_session=False))
        return len(await _end(scope, col(TokenFamily.expires_at) <= now()))


async def list_ended_programs(scope: Scope, ids: Collection[UUID]) -> set[UUID]:
    """Which of these log-ins are over; for the system, which may have missed the news."""
    queries.require_site_wide(scope)
    among = col(TokenFamily.id) == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope) as session:
        alive = (await session.exec(select(TokenFamily.id).where(among, col(TokenFamily.expires_at) > now()))).all()
    return set(ids) - set(alive)


async def _locked(token: str) -> tuple[TokenFamily, RefreshToken] | None:
    """The token and its family, which is nobody else's to renew until the transaction ends."""
    hashed = digest(token)
    if hashed is None:
        return None
    whose = (
        select(TokenFamily)
        .join(RefreshToken, col(RefreshToken.family_id) == col(TokenFamily.id))
        .join(User, col(User.id) == col(TokenFamily.user_id))
        .where(col(RefreshToken.hashed_token) == hashed, is_active())
        .with_for_update(of=TokenFamily)
    )
    session = current_session()
    family = (await session.exec(whose)).one_or_none()
    # Only now: who waited for the lock is to see what the other has written.
    own = select(RefreshToken).where(col(RefreshToken.hashed_token) == hashed, col(RefreshToken.expires_at) > now())
    shown = (await session.exec(own)).one_or_none()
    return (family, shown) if family and shown else None


def _renew(family: TokenFamily, shown: RefreshToken) -> Tokens:
    moment = now()
    shown.spent_at = family.last_used_at = moment
    family.expires_at = moment + REFRESH_LIFETIME
    return Tokens(family.user_id, family.id, _give(family.id))


def _give(family_id: UUID) -> str:
    token = new_token()
    hashed = digest(token)
    assert hashed is not None  # noqa: S101 - it was made just now
    current_session().add(RefreshToken(family_id=family_id, hashed_token=hashed, expires_at=now() + REFRESH_LIFETIME))
    return token


async def _end(scope: Scope, condition: sa.ColumnElement[bool]) -> list[UUID]:
    """Its tokens go with a family, and its sockets are closed."""
    statement: Any = sa.delete(TokenFamily).where(condition).returning(col(TokenFamily.id), col(TokenFamily.user_id))
    async with transaction(scope) as session:
        result = typed("Any", await session.exec(statement.execution_options(synchronize_session=False)))
        gone = typed("list[tuple[UUID, UUID]]", result.all())
        for family_id, user_id in gone:
            channels.disconnect(topic_token_family(family_id))
            broadcast(topic_credentials(user_id), CredentialsChanged(user_id))
    return [family_id for family_id, _ in gone]
