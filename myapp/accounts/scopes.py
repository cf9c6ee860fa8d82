"""From a session, a key or a person, and an address to the scope that everything else asks for: one query each time.

    scope = await accounts.scope_for_session(cookie, "demo")
    scope = await accounts.scope_for_api_key("myapp_…", "demo")

Nothing of it is kept from one event or request to the next, so what has ended, was taken away or made private counts
from the next one on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.keys import InvalidKey, is_good, is_key, prefix_of
from myapp.accounts.schemas import ApiKey, Membership, Organization, Session, TokenFamily, User, Visibility
from myapp.accounts.tokens import digest
from myapp.kit import logs
from myapp.kit.changeset.casting import is_storable
from myapp.kit.clock import now
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.kit.pagination.rows import fetch
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Grant, Role, Scope

REMEMBERED = timedelta(days=60)
"""How long somebody stays logged in who asked for it, and the longest that anybody does."""
UNSEEN = timedelta(days=1)
"""How long somebody stays logged in who did not, without being seen: few browsers forget when they are closed."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when somebody was last there: a write that often, not one each event."""

type _Kind = Literal["nobody", "person", "session", "token"]
type _Place = Literal["nowhere", "id", "slug"]

_LOOK_UP = Scope.system("to see who is asking")
"""Whose the rows are is not known before they are read."""


@dataclass(frozen=True, slots=True)
class _Who:
    """Where a person is looked for, and what says which one it is."""

    people: Any
    are: sa.ColumnElement[bool]
    session_id: Any = field(default_factory=sa.null)
    seen_at: Any = field(default_factory=sa.null)
    more: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who it is wherever they go: a person, nobody, or a person limited to what a key is good for."""

    user_id: UUID | None = None
    grants: frozenset[Grant] | None = None


async def scope_for_session(
    session: str | UUID | None, org_slug: str | None = None, *, org_id: UUID | None = None
) -> Scope:
    """Who it is whose cookie holds this token (or whose session has this id), in the organisation of this slug, or a
    former one, or id.

    Without a session, or with one that has ended, a visitor: its `session_id` is None. Raises NotFound for an
    organisation that is unknown, or private and not the person's.
    """
    if isinstance(session, UUID):
        return await _scope("session", session, org_slug, org_id)
    hashed = digest(session) if session is not None else None
    return await _scope("token" if hashed else "nobody", hashed, org_slug, org_id)


async def scope_for_api_key(key: str, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who it is whose key this is, limited to what it is good for. Raises InvalidKey, and NotFound as above."""
    prefix = prefix_of(key)
    if prefix is None:
        raise InvalidKey
    with_key = sa.join(ApiKey, User, col(ApiKey.user_id) == col(User.id))
    alive = sa.and_(col(ApiKey.prefix) == prefix, is_good(), is_active())
    named: tuple[Any, ...] = (ApiKey.id, ApiKey.hashed_key, ApiKey.scopes)
    columns = (named[0].label("key_id"), *named[1:])
    row = await _look_up(_Who(with_key, alive, seen_at=col(ApiKey.last_used_at), more=columns), org_slug, org_id)
    if not is_key(key, row.hashed_key or b""):
        raise InvalidKey
    if row.seen_at is None or row.seen_at < now() - SEEN_EVERY:
        await _note_used(row.key_id)
    grants = frozenset(map(Grant, row.scopes))
    return replace(_scope_of(row, org_slug is not None or org_id is not None, grants), api_key_id=row.key_id)


async def scope_for_program(family_id: UUID, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who it is that is logged in with a program. Raises Unauthenticated once that is over, and NotFound as above."""
    logged_in = sa.join(TokenFamily, User, col(TokenFamily.user_id) == col(User.id))
    alive = sa.and_(col(TokenFamily.id) == family_id, col(TokenFamily.expires_at) > now(), is_active())
    row = await _look_up(_Who(logged_in, alive), org_slug, org_id)
    if row.user_id is None:
        raise Unauthenticated
    return _scope_of(row, org_slug is not None or org_id is not None)


async def scope_for(who: Principal | UUID | None, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """What this person is in the organisation of this slug or id; without one, who the person is at all.

    Someone who no longer exists, or is kept out, is a visitor. Raises NotFound for an organisation that is unknown, or
    private and not the person's.
    """
    principal = who if isinstance(who, Principal) else Principal(who)
    kind: _Kind = "person" if principal.user_id else "nobody"
    return await _scope(kind, principal.user_id, org_slug, org_id, principal.grants)


def is_active() -> sa.ColumnElement[bool]:
    """Whether a person may act at all."""
    return sa.and_(col(User.deactivated_at).is_(None), col(User.anonymised_at).is_(None))


async def _scope(
    kind: _Kind, value: object, org_slug: str | None, org_id: UUID | None, grants: frozenset[Grant] | None = None
) -> Scope:
    is_anywhere = org_slug is not None or org_id is not None
    if kind == "nobody" and not is_anywhere:
        return Scope.anonymous()
    row = await _look_up(kind, org_slug, org_id, value=value, moment=now())
    scope = _scope_of(row, is_anywhere, grants)
    if row.session_id is not None and row.seen_at < now() - SEEN_EVERY:
        await _note_seen(row.session_id)
    return scope


async def _look_up(who: _Who | _Kind, org_slug: str | None, org_id: UUID | None, **values: object) -> Any:
    """One row, whoever and whatever there is."""
    place: _Place = "nowhere"
    if org_id is not None:
        place = "id"
    elif org_slug is not None and is_storable(org_slug):
        place = "slug"
    statement = _standing(who, _at(place)) if isinstance(who, _Who) else _prepared(who, place)
    async with reading(_LOOK_UP, plan_once=True):
        [row] = await fetch(statement, {**values, "place": org_id or org_slug})
    return row


@cache
def _prepared(kind: _Kind, place: _Place) -> Any:
    """What is asked at every event: put together once, as that takes longer than the asking."""
    return _standing(_who(kind), _at(place))


def _who(kind: _Kind) -> _Who:
    """Those found by the parameters `value` and `moment`."""
    if kind == "nobody":
        return _Who(User, sa.false())
    if kind == "person":
        return _Who(User, sa.and_(col(User.id) == sa.bindparam("value", type_=sa.Uuid()), is_active()))
    is_token = kind == "token"
    named = col(Session.hashed_token) if is_token else col(Session.id)
    value = sa.bindparam("value", type_=sa.LargeBinary() if is_token else sa.Uuid())
    with_session = sa.join(Session, User, col(Session.user_id) == col(User.id))
    in_time = col(Session.expires_at) > sa.bindparam("moment", type_=sa.DateTime(timezone=True))
    alive = sa.and_(named == value, in_time, is_active())
    return _Who(with_session, alive, col(Session.id), col(Session.last_seen_at))


def _at(place: _Place) -> sa.ColumnElement[bool]:
    """The organisation of the parameter `place`."""
    match place:
        case "nowhere":
            return sa.false()
        case "id":
            return col(Organization.id) == sa.bindparam("place", type_=sa.Uuid())
        case "slug":
            return queries.at_slug(sa.bindparam("place", type_=sa.Text()))


def _scope_of(row: Any, is_anywhere: bool, grants: frozenset[Grant] | None = None) -> Scope:
    """What the row says, limited to the grants. Raises NotFound for an organisation that it does not open."""
    role = Role(row.role) if row.role else None
    scope = Scope(row.user_id, row.org_id, role, bool(row.is_operator), session_id=row.session_id)
    if grants is not None:
        scope = scope.limited_to(grants)
    logs.bind(user_id=scope.user_id, org_id=scope.org_id, session_id=scope.session_id)
    if is_anywhere and not (row.org_id and (row.visibility == Visibility.PUBLIC or role or scope.is_operator)):
        raise NotFound
    return scope


def _standing(who: _Who, place: sa.ColumnElement[bool]) -> Any:
    """One row, whoever and whatever there is: the person and the session, the organisation, and the role in it."""
    mine = sa.and_(col(Membership.org_id) == col(Organization.id), col(Membership.user_id) == col(User.id))
    columns: list[Any] = [
        col(User.id).label("user_id"),
        col(User.is_operator),
        who.session_id.label("session_id"),
        who.seen_at.label("seen_at"),
        col(Organization.id).label("org_id"),
        col(Organization.visibility),
        col(Membership.role),
        *who.more,
    ]
    there = sa.outerjoin(sa.select(sa.literal(1)).subquery(), who.people, who.are)
    return sa.select(*columns).select_from(there.outerjoin(Organization, place).outerjoin(Membership, mine))


async def _note_seen(session_id: UUID) -> None:
    """Several tabs of a session may come at once: one writes, and the others do not wait for it."""
    moment = now()
    unseen = sa.select(col(Session.id)).where(
        col(Session.id) == session_id, col(Session.last_seen_at) < moment - SEEN_EVERY
    )
    until = sa.func.least(moment + UNSEEN, col(Session.inserted_at) + REMEMBERED)
    async with transaction(_LOOK_UP) as database:
        await database.exec(
            sa.update(Session)
            .where(col(Session.id).in_(unseen.with_for_update(skip_locked=True)))
            .values(
                last_seen_at=moment,
                expires_at=sa.case((col(Session.is_remembered), col(Session.expires_at)), else_=until),
            )
            .execution_options(synchronize_session=False)
        )


async def _note_used(key_id: UUID) -> None:
    """As for sessions: who comes at the same time does not wait."""
    moment = now()
    stale = sa.or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) < moment - SEEN_EVERY)
    unused = sa.select(col(ApiKey.id)).where(col(ApiKey.id) == key_id, stale).with_for_update(skip_locked=True)
    async with transaction(_LOOK_UP) as database:
        await database.exec(
            sa.update(ApiKey)
            .where(col(ApiKey.id).in_(unused))
            .values(last_used_at=moment)
            .execution_options(synchronize_session=False)
        )
