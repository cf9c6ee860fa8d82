"""The audit trail is read a page at a time, and narrowed by who, what and when."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.accounts import Organization
from myapp.kit import audit
from myapp.kit.clock import new_id, now
from myapp.kit.pagination import InvalidCursor
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.ops import AuditFilter
from myapp.ops.audit import PAGE
from tests.factories import SYSTEM
from tests.factories.accounts import make_user

OPERATOR = Scope(new_id(), is_operator=True)


async def record(scope: Scope, action: str, subject: str = "7", **values: object) -> None:
    async with transaction(scope):
        await audit.record(scope, action, "thing", subject, before={"name": "Tea"}, after=values, ip="192.0.2.7")


async def actions(filters: AuditFilter | None = None) -> list[str]:
    return [each.action for each in (await ops.list_audit(OPERATOR, filters)).entries]


async def test_a_deed_says_who_where_and_what_it_changed(ada: Scope, organization: Organization) -> None:
    await record(ada, "room.thing.renamed", name="Coffee")
    [entry] = (await ops.list_audit(OPERATOR, AuditFilter(what="room.thing"))).entries
    assert (entry.actor, entry.org_slug, entry.ip) == ("Ada", organization.slug, "192.0.2.7")
    assert (entry.before, entry.after) == ({"name": "Tea"}, {"name": "Coffee"})


async def test_it_is_narrowed_by_who(ada: Scope, mei: Scope) -> None:
    await record(ada, "by.ada")
    await record(mei, "by.mei")
    await record(SYSTEM, "by.nobody")
    gone = Scope(new_id())
    await record(gone, "by.who.is.gone")
    assert await actions(AuditFilter(who="ada", what="by.")) == ["by.ada"]
    assert await actions(AuditFilter(who="system", what="by.")) == ["by.nobody"]
    assert await actions(AuditFilter(who="nobody-like-it")) == []
    assert await actions(AuditFilter(who="100%", what="by.")) == []
    assert (await actions(AuditFilter(what="by.")))[0] == "by.who.is.gone"


async def test_it_is_narrowed_by_what_and_when(ada: Scope) -> None:
    began = now()
    await record(ada, "a.thing.made", "the-thing")
    await record(ada, "a.thing.gone", "another")
    assert await actions(AuditFilter(what="THING.MADE")) == ["a.thing.made"]
    assert await actions(AuditFilter(what="the-thing")) == ["a.thing.made"]
    assert len(await actions(AuditFilter(what="a.thing", since=began, until=now()))) == 2
    assert await actions(AuditFilter(what="a.thing", until=began)) == []
    assert await actions(AuditFilter(since=now() + timedelta(days=1))) == []
    assert await actions(AuditFilter(what="\0")) == []


async def test_a_page_costs_three_queries_and_leads_to_the_next(
    ada: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    other = Scope((await make_user()).id, ada.org_id, ada.role)
    for number in range(PAGE + 5):
        await record(ada if number % 2 else other, f"many.{number:03}")
    with assert_queries(3):
        first = await ops.list_audit(OPERATOR, AuditFilter(what="many."))
    assert (len(first.entries), first.before) == (PAGE, None)
    second = await ops.list_audit(OPERATOR, AuditFilter(what="many."), after=first.after)
    assert [each.action for each in second.entries] == [f"many.{number:03}" for number in range(4, -1, -1)]
    assert (second.after, second.before is not None) == (None, True)


async def test_an_invented_cursor_is_refused(db: AsyncConnection) -> None:
    with pytest.raises(InvalidCursor):
        await ops.list_audit(OPERATOR, after="x")
