"""Who did what to which thing: one row, written in the same transaction as the deed.

A deed that is rolled back leaves no row, and no deed is committed without its row. Rows keep plain ids and no foreign
keys: they outlive the people and things they speak of. Telemetry is told once a deed is
committed: `audit.deed`, with its `action`.

    async with transaction(scope):
        await repo.delete(post)
        await audit.record(scope, "blog.post.deleted", "post", post.id, before={"title": post.title})
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlmodel import SQLModel, col, select

from myapp.kit import telemetry, whence
from myapp.kit.clock import new_id, now
from myapp.kit.repo import after_commit, current_session, in_transaction, transaction
from myapp.kit.schema import column
from myapp.kit.scope import Scope

type Values = dict[str, object]


class AuditLog(SQLModel, table=True):
    """One deed. `before` and `after` hold what changed, never secrets and never whole bodies of text."""

    __tablename__ = "audit_logs"  # pyright: ignore[reportAssignmentType] - SQLModel declares it as a method
    __table_args__ = (
        sa.Index(None, "org_id", "inserted_at"),
        sa.Index(None, "actor_id", "inserted_at"),
        sa.Index(None, "subject_type", "subject_id"),
        {"comment": "Who did what to which thing; written in the transaction of the deed and never changed"},
    )

    id: UUID = column(sa.Uuid(), "UUIDv7", default_factory=new_id, primary_key=True)
    org_id: UUID | None = column(sa.Uuid(), "The organisation it happened in", default=None)
    actor_id: UUID | None = column(sa.Uuid(), "The person; none for the system", default=None)
    reason: str = column(sa.Text(), "Why the system acted, when it was the system")
    action: str = column(sa.Text(), "room.thing.deed, in the past tense")
    subject_type: str = column(sa.Text(), "What kind of thing it was done to")
    subject_id: str = column(sa.Text(), "Which one; text, as not every thing has a UUID")
    before: Values | None = column(JSONB(none_as_null=True), "What changed, as it was", default=None)
    after: Values | None = column(JSONB(none_as_null=True), "What changed, as it became", default=None)
    ip: str | None = column(INET(), "Where the request came from", default=None)
    inserted_at: datetime = column(sa.DateTime(timezone=True), "When", default_factory=now)


async def record(
    scope: Scope,
    action: str,
    subject_type: str,
    subject_id: UUID | str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    ip: str | None = None,
) -> AuditLog:
    """Write the row for one deed of `scope`, done from where the request at hand comes from if `ip` does not say it.

    Raises RuntimeError outside `transaction()`.
    """
    if not in_transaction():
        raise RuntimeError("an audit row belongs to the transaction of the deed: call record() inside transaction()")
    row = AuditLog(
        org_id=scope.org_id,
        actor_id=scope.user_id,
        reason=scope.reason,
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        before=None if before is None else to_jsonable_python(dict(before)),
        after=None if after is None else to_jsonable_python(dict(after)),
        ip=ip or whence.address(),
    )
    async with transaction(scope) as session:
        session.add(row)
        after_commit(partial(telemetry.execute, "audit.deed", {}, {"action": action}))
    return row


async def forget(user_id: UUID, email: str, *names: str) -> None:
    """Take out of all rows what says who somebody was, within the open transaction; that and what was done stays.

    An address is looked for everywhere; names, which may be words, in the rows that are about the person.
    """
    session = current_session()
    mine = sa.or_(col(AuditLog.actor_id) == user_id, col(AuditLog.subject_id) == str(user_id))
    texts = [sa.cast(column, sa.Text()) for column in (col(AuditLog.before), col(AuditLog.after))]
    named = sa.or_(*(text.icontains(email, autoescape=True) for text in texts))
    words = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in (email, *names)), re.IGNORECASE)
    for row in (await session.exec(select(AuditLog).where(sa.or_(mine, named)))).all():
        row.before, row.after = (_without(values, words) for values in (row.before, row.after))
        if row.actor_id == user_id:
            row.ip = None
    await session.flush()


def _without(value: Any, words: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, words) for key, each in cast("Values", value).items()}
    if isinstance(value, list):
        return [_without(each, words) for each in cast("list[object]", value)]
    return words.sub("[…]", value) if isinstance(value, str) else value
