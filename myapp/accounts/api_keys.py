"""Keys with which programs act for a person, each limited to what it was made for (`Grant`).

    made = await create_api_key(scope, {"name": "Backup", "scopes": ["read"]})
    made.key                                        # "myapp_Xy3…_…": shown once, never kept (`keys.py`)
    await accounts.delete_api_key(scope, made.card.id)

To make one a person must have shown lately who they are. A key that is revoked, or whose time is over, is worth
nothing from the next request on, and its sockets are closed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from myapp.accounts import queries
from myapp.accounts.events import CredentialsChanged, topic_api_key, topic_credentials
from myapp.accounts.keys import hash_of, is_good, new_key
from myapp.accounts.schemas import ApiKey, api_key_changeset
from myapp.accounts.sessions import require_sudo
from myapp.kit import audit, channels, repo
from myapp.kit.changeset import Attrs, Changeset, change
from myapp.kit.clock import now
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import advisory_lock, reading, transaction
from myapp.kit.scope import Grant, Scope

MAX_KEYS = 25
"""Keys of one person that may be good at a time."""


class TooManyKeys(Conflict):
    """A list that nobody looks through any more hides a key that was forgotten."""

    message = gettext_noop("You have 25 keys. Revoke one that you no longer use.")


@dataclass(frozen=True, slots=True)
class ApiKeyCard:
    """A key in the list of one's own, as its owner may see it again."""

    id: UUID
    name: str
    prefix: str
    grants: tuple[Grant, ...]
    inserted_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was made just now, and the only time that it can be read."""

    card: ApiKeyCard
    key: str = field(repr=False)


async def list_api_keys(scope: Scope) -> list[ApiKeyCard]:
    """One's own that are not revoked, the newest first; expired ones too, so that one sees why something stopped."""
    async with reading(scope) as session:
        rows = (await session.exec(_own(scope).order_by(col(ApiKey.id).desc()))).all()
    return [_card(row) for row in rows]


def change_api_key(scope: Scope, attrs: Attrs) -> Changeset[ApiKey]:
    """What would be made of these attributes; nothing is written. Raises Unauthenticated."""
    return api_key_changeset(ApiKey(user_id=queries.holder(scope)), attrs)


async def create_api_key(scope: Scope, attrs: Attrs) -> NewApiKey:
    """Make a key. Raises Invalid, SudoRequired, and TooManyKeys."""
    await require_sudo(scope)
    scope = scope.outside
    prefix, key = new_key()
    changeset = change_api_key(scope, attrs)
    async with transaction(scope) as session, advisory_lock(f"api keys of {scope.user_id}"):
        if changeset.valid and len((await session.exec(_own(scope))).all()) >= MAX_KEYS:
            raise TooManyKeys
        row = await repo.insert(change(changeset, prefix=prefix, hashed_key=hash_of(key)))
        after = {"name": row.name, "prefix": prefix, "scopes": row.scopes, "expires_at": row.expires_at}
        await audit.record(scope, "accounts.api_key.created", "api_key", row.id, after=after)
        broadcast(topic_credentials(row.user_id), CredentialsChanged(row.user_id))
    return NewApiKey(_card(row), key)


async def delete_api_key(scope: Scope, key_id: UUID) -> None:
    """Revoke one of one's own. Raises NotFound for one that is not, or was revoked before."""
    scope = scope.outside
    async with transaction(scope) as session:
        row = (await session.exec(_own(scope).where(col(ApiKey.id) == key_id).with_for_update())).one_or_none()
        if row is None:
            raise NotFound
        await repo.update(change(row, revoked_at=now()))
        before = {"name": row.name, "prefix": row.prefix}
        await audit.record(scope, "accounts.api_key.revoked", "api_key", key_id, before=before)
        _tell(row)


async def end_api_keys_of(scope: Scope, user_id: UUID) -> None:
    """Delete all of somebody's within the transaction of what it is done for; for the system, and for oneself."""
    queries.require_own(scope, user_id)
    async with transaction(scope) as session:
        for row in (await session.exec(select(ApiKey).where(col(ApiKey.user_id) == user_id))).all():
            await session.delete(row)
            _tell(row)


async def close_api_keys_of(scope: Scope, user_id: UUID) -> None:
    """Close the sockets of somebody's keys, which open nothing while the person is kept out; for who keeps them out."""
    queries.require_own(scope, user_id)
    async with transaction(scope) as session:
        for each in (await session.exec(select(ApiKey.id).where(col(ApiKey.user_id) == user_id))).all():
            channels.disconnect(topic_api_key(each))


async def close_expired_api_keys(scope: Scope) -> None:
    """Close the sockets of keys whose time was over within the last minutes; for the system, every minute."""
    queries.require_site_wide(scope)
    just_over = col(ApiKey.expires_at).between(now() - timedelta(minutes=5), now())
    async with reading(scope) as session:
        ids = (await session.exec(select(ApiKey.id).where(just_over, col(ApiKey.revoked_at).is_(None)))).all()
    for each in ids:
        channels.disconnect(topic_api_key(each))


async def list_ended_api_keys(scope: Scope, ids: Collection[UUID]) -> set[UUID]:
    """Which of these are worth nothing any more; for the system, which may have missed the news."""
    queries.require_site_wide(scope)
    among = col(ApiKey.id) == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope) as session:
        return set(ids) - set((await session.exec(select(ApiKey.id).where(among, is_good()))).all())


def _own(scope: Scope) -> SelectOfScalar[ApiKey]:
    return select(ApiKey).where(col(ApiKey.user_id) == queries.holder(scope), col(ApiKey.revoked_at).is_(None))


def _card(row: ApiKey) -> ApiKeyCard:
    is_expired = row.expires_at is not None and row.expires_at <= now()
    grants = tuple(each for each in Grant if each in row.grants)
    return ApiKeyCard(
        row.id, row.name, row.prefix, grants, row.inserted_at, row.last_used_at, row.expires_at, is_expired
    )


def _tell(row: ApiKey) -> None:
    channels.disconnect(topic_api_key(row.id))
    broadcast(topic_credentials(row.user_id), CredentialsChanged(row.user_id))
