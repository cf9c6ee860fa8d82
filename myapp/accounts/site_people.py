"""All people of the site, for its operators: looked up, kept out and let in again, made operators.

Whoever is kept out is logged out everywhere at once and cannot log in; nothing of theirs goes. The site keeps an
operator, and nobody keeps out themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import policy, queries
from myapp.accounts.api_keys import close_api_keys_of
from myapp.accounts.errors import LastOperator, OneselfKeptOut
from myapp.accounts.events import MEMBERSHIPS, USERS, OperatorChanged, PersonUpdated, UserUpdated, topic_person
from myapp.accounts.faces import avatar_key_of
from myapp.accounts.people import has_words
from myapp.accounts.schemas import Membership, User
from myapp.accounts.scopes import is_active
from myapp.accounts.sessions import end_sessions_of, require_sudo
from myapp.accounts.token_families import end_programs_of
from myapp.kit import audit, repo
from myapp.kit.changeset import change
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.pagination import OffsetPage, offset_page
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Select, fetch, named, pick


class Whom(StrEnum):
    """Which people to list."""

    ALL = "all"
    OPERATORS = "operators"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class UserCard:
    """A person as operators see them, with the number of organisations they belong to."""

    id: UUID
    name: str
    username: str
    avatar_key: str | None
    email: str
    is_operator: bool
    confirmed_at: datetime | None
    deactivated_at: datetime | None
    inserted_at: datetime
    organizations: int


async def list_users(
    scope: Scope, words: str = "", *, whom: Whom = Whom.ALL, page: int = 1, page_size: int = 20
) -> OffsetPage[UserCard]:
    """Those in whose name, user name or address the words are, the newest first. Raises Forbidden, Unauthenticated.

    Who has deleted the account is not among them.
    """
    policy.authorise(scope, "see_users")
    found = _cards().where(has_words([col(User.name), col(User.username), col(User.email)], words), _among(whom))
    async with reading(queries.site_wide(scope)):
        listed = await offset_page(found.order_by(col(User.id).desc()), page=page, page_size=page_size)
    cards = [UserCard(**row) for row in named(listed.entries)]
    return OffsetPage(cards, listed.page, listed.page_size, listed.total_count)


async def fetch_user_card(scope: Scope, user_id: UUID) -> UserCard | None:
    """One of them. Raises Forbidden, or Unauthenticated."""
    policy.authorise(scope, "see_users")
    async with reading(queries.site_wide(scope)):
        rows = await fetch(_cards().where(col(User.id) == user_id))
    return UserCard(**rows[0]) if rows else None


async def deactivate_user(scope: Scope, user_id: UUID) -> None:
    """Log somebody out everywhere and keep them out. Raises NotFound, Forbidden, OneselfKeptOut and LastOperator."""
    policy.authorise(scope, "manage_users")
    if user_id == scope.user_id:
        raise OneselfKeptOut
    acting = queries.site_wide(scope)
    async with transaction(acting), repo.advisory_lock("operators"):
        user = await _locked(user_id)
        await _require_another_operator(user)
        await _update(acting, user, "deactivated", deactivated_at=user.deactivated_at or now())
        await end_sessions_of(acting, user_id)
        await end_programs_of(acting, user_id)
        await close_api_keys_of(acting, user_id)


async def reactivate_user(scope: Scope, user_id: UUID) -> None:
    """Let somebody in again. Raises NotFound, Forbidden and Unauthenticated."""
    policy.authorise(scope, "manage_users")
    acting = queries.site_wide(scope)
    async with transaction(acting):
        await _update(acting, await _locked(user_id), "reactivated", deactivated_at=None)


async def set_operator(scope: Scope, user_id: UUID, *, on: bool) -> None:
    """Let somebody run the site, or no longer. Raises NotFound, Forbidden, SudoRequired and LastOperator."""
    policy.authorise(scope, "manage_users")
    await require_sudo(scope)
    acting = queries.site_wide(scope)
    async with transaction(acting), repo.advisory_lock("operators"):
        user = await _locked(user_id)
        if not on:
            await _require_another_operator(user)
        await _update(acting, user, "made_operator" if on else "made_no_operator", is_operator=on)
        broadcast(MEMBERSHIPS, OperatorChanged(user_id))
        broadcast(topic_person(user_id), PersonUpdated(user_id))


async def appoint_operator(scope: Scope, named: str, *, on: bool = True) -> User:
    """Let who has this user name or address run the site, or no longer: for the system. Raises as `set_operator`."""
    policy.authorise(scope, "manage_users")
    names = sa.or_(
        *(sa.func.lower(column) == named.strip().lower() for column in (col(User.username), col(User.email)))
    )
    async with reading(queries.site_wide(scope)) as session:
        user = (await session.exec(select(User).where(names, is_active()))).first()
    if user is None:
        raise NotFound
    await set_operator(scope, user.id, on=on)
    return user


def _cards() -> Select:
    belongs = sa.select(sa.func.count()).where(col(Membership.user_id) == col(User.id)).scalar_subquery()
    names = ("id", "name", "username", "email", "is_operator", "confirmed_at", "deactivated_at", "inserted_at")
    columns: list[Any] = [col(getattr(User, name)) for name in names]
    return pick(*columns, avatar_key_of(col(User.id)), belongs.label("organizations")).where(
        col(User.anonymised_at).is_(None)
    )


def _among(whom: Whom) -> sa.ColumnElement[bool]:
    match whom:
        case Whom.OPERATORS:
            return col(User.is_operator).is_(True)
        case Whom.DEACTIVATED:
            return col(User.deactivated_at).is_not(None)
        case Whom.ALL:
            return sa.true()


async def _locked(user_id: UUID) -> User:
    """The row, nobody else's to change until the transaction ends. Raises NotFound."""
    found = select(User).where(col(User.id) == user_id, col(User.anonymised_at).is_(None)).with_for_update()
    user = (await repo.current_session().exec(found, execution_options={"populate_existing": True})).one_or_none()
    if user is None:
        raise NotFound
    return user


async def _require_another_operator(user: User) -> None:
    """Raise LastOperator for the only one who may act. Behind the lock of "operators"."""
    if not user.is_operator:
        return
    others = select(User.id).where(col(User.is_operator).is_(True), is_active(), col(User.id) != user.id)
    if (await repo.current_session().exec(others.limit(1))).first() is None:
        raise LastOperator


async def _update(scope: Scope, user: User, deed: str, **values: object) -> None:
    before = {name: getattr(user, name) for name in values}
    if before == values:
        return
    await repo.update(change(user, **values))
    await audit.record(scope, f"accounts.user.{deed}", "user", user.id, before=before, after=values)
    broadcast(USERS, UserUpdated(user.id))
