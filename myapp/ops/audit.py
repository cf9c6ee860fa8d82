"""The audit trail for reading: who did what to which thing, when, from where, and what it changed.

Rows stand in the order they were written, which their ids keep, so a page of a long trail costs what a short one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import Organization, User
from myapp.kit.audit import AuditLog
from myapp.kit.changeset.casting import is_storable
from myapp.kit.pagination import KeysetPage, keyset_page
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, Select, fetch, pick
from myapp.ops import policy

PAGE = 50
MAX_WORDS = 100  # characters of a search
SYSTEM = "system"  # as the one who did it
_APART = timedelta(minutes=1)  # at most, between the making of a row's id and its time


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for: part of a name, a user name or an address; of a deed or an id; within these times.

    `who` may be "system", for what nobody in particular did.
    """

    who: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. Who and where are as they are called now; None for the system, for nowhere, and for what is gone."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor: str | None
    username: str | None
    reason: str
    action: str
    subject_type: str
    subject_id: str
    org_slug: str | None
    org_name: str | None
    ip: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


async def list_audit(
    scope: Scope, filters: AuditFilter | None = None, *, after: str | None = None, before: str | None = None
) -> KeysetPage[AuditEntry]:
    """A page of the trail, the latest first. Raises Forbidden, Unauthenticated, InvalidCursor."""
    acting = policy.authorise(scope, "see_operations")
    found = sa.select(AuditLog).where(*_fitting(filters or AuditFilter()))
    async with reading(acting):
        page = await keyset_page(found, order=[(AuditLog.id, "desc")], after=after, before=before, limit=PAGE)
        rows: list[AuditLog] = [row[0] for row in page.entries]
        people, places = await _people(rows), await _places(rows)
    return KeysetPage([_entry(row, people, places) for row in rows], page.before, page.after)


def _fitting(filters: AuditFilter) -> list[Condition]:
    who, what = (words.strip()[:MAX_WORDS] for words in (filters.who, filters.what))
    if not (is_storable(who) and is_storable(what)):
        return [sa.false()]
    conditions: list[Condition] = []
    if who == SYSTEM:
        conditions.append(col(AuditLog.actor_id).is_(None))
    elif who:
        named_so = sa.or_(*(
            column.icontains(who, autoescape=True) for column in (col(User.name), col(User.username), col(User.email))
        ))  # fmt: skip
        conditions.append(col(AuditLog.actor_id).in_(sa.select(col(User.id)).where(named_so)))
    if what:
        conditions.append(sa.or_(
            col(AuditLog.action).icontains(what, autoescape=True), col(AuditLog.subject_id) == what,
        ))  # fmt: skip
    if filters.since:
        conditions += [
            col(AuditLog.id) >= _first_id(filters.since - _APART),
            col(AuditLog.inserted_at) >= filters.since,
        ]
    if filters.until:
        conditions += [col(AuditLog.id) < _first_id(filters.until + _APART), col(AuditLog.inserted_at) < filters.until]
    return conditions


def _first_id(moment: datetime) -> UUID:
    """The least UUIDv7 of a moment: its first 48 bits are milliseconds (RFC 9562)."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


async def _people(rows: list[AuditLog]) -> dict[UUID, dict[str, Any]]:
    return await _by_id(pick(col(User.id), col(User.name), col(User.username)), {row.actor_id for row in rows})


async def _places(rows: list[AuditLog]) -> dict[UUID, dict[str, Any]]:
    columns = pick(col(Organization.id), col(Organization.name), col(Organization.slug))
    return await _by_id(columns, {row.org_id for row in rows})


async def _by_id(columns: Select, ids: set[UUID | None]) -> dict[UUID, dict[str, Any]]:
    wanted = [each for each in ids if each is not None]
    key = next(iter(columns.selected_columns))
    return {row["id"]: row for row in await fetch(columns.where(key.in_(wanted)))} if wanted else {}


def _entry(row: AuditLog, people: dict[UUID, dict[str, Any]], places: dict[UUID, dict[str, Any]]) -> AuditEntry:
    person = people.get(row.actor_id) if row.actor_id else None
    place = places.get(row.org_id) if row.org_id else None
    return AuditEntry(
        id=row.id,
        at=row.inserted_at,
        actor_id=row.actor_id,
        actor=person["name"] if person else None,
        username=person["username"] if person else None,
        reason=row.reason,
        action=row.action,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        org_slug=place["slug"] if place else None,
        org_name=place["name"] if place else None,
        ip=str(row.ip) if row.ip else None,
        before=row.before,
        after=row.after,
    )
