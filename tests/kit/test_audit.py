"""Audit rows share the fate of the deed they speak of."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlmodel import col, select

from myapp.kit import audit, whence
from myapp.kit.audit import AuditLog
from myapp.kit.clock import new_id
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM

pytestmark = pytest.mark.usefixtures("db")


async def rows() -> list[AuditLog]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(AuditLog).order_by(col(AuditLog.id)))).all())


def member() -> Scope:
    return Scope(user_id=new_id(), org_id=new_id(), role=Role.MEMBER)


async def test_a_row_says_who_did_what_to_which_thing() -> None:
    scope, subject = member(), new_id()
    async with transaction(SYSTEM):
        await audit.record(scope, "blog.post.deleted", "post", subject, before={"title": "Old"}, ip="192.0.2.7")
    [row] = await rows()
    assert (row.actor_id, row.org_id, row.reason) == (scope.user_id, scope.org_id, "")
    assert (row.action, row.subject_type, row.subject_id) == ("blog.post.deleted", "post", str(subject))
    assert (row.before, row.after, str(row.ip)) == ({"title": "Old"}, None, "192.0.2.7")


async def test_what_is_done_in_a_request_says_where_that_came_from() -> None:
    for address in ("192.0.2.7", "2001:db8::1", "no address", ""):
        whence.comes_from(address)
        async with transaction(SYSTEM):
            await audit.record(member(), "x.y.z", "y", "1")
    assert [row.ip and str(row.ip) for row in await rows()] == ["192.0.2.7", "2001:db8::1", None, None]


async def test_ids_and_times_are_kept_as_text() -> None:
    at, id_ = datetime(2026, 1, 2, 3, 4, tzinfo=UTC), UUID(int=7)
    async with transaction(SYSTEM):
        await audit.record(Scope.system("import"), "x.y.z", "y", "1", after={"id": id_, "at": at})
    [row] = await rows()
    assert row.after == {"id": str(id_), "at": "2026-01-02T03:04:00Z"}
    assert row.reason == "import"


async def test_a_deed_that_is_rolled_back_leaves_no_row() -> None:
    with pytest.raises(ValueError, match="no"):
        async with transaction(SYSTEM):
            await audit.record(member(), "blog.post.deleted", "post", new_id())
            raise ValueError("no")
    assert await rows() == []


async def test_outside_a_transaction_nothing_is_recorded() -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        await audit.record(member(), "blog.post.deleted", "post", new_id())
