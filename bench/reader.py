"""The product's data layer on a site to measure on, and somebody to read it as."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from myapp.accounts import Membership, Organization
from myapp.kit import pubsub, repo, schema
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope

SYSTEM = Scope.system("a measurement")


@asynccontextmanager
async def reading(url: str) -> AsyncGenerator[AsyncEngine]:
    """`transaction()` works within, with the pool a process has."""
    logging.disable(logging.WARNING)  # what is slow is what is measured here
    schema.load_models()
    engine = repo.make_engine(url)
    repo.use(repo.make_sessions(engine))
    pubsub.use(PubSub())
    try:
        yield engine
    finally:
        repo.use(None)
        pubsub.use(None)
        await engine.dispose()


async def plans(engine: AsyncEngine, act: Awaitable[object]) -> list[str]:
    """PostgreSQL's plan, with times, of every statement that something sends, under the policies it was sent under."""
    sent: list[tuple[str, str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((repo.identity_statements(), statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await act
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    async with engine.connect() as connection:
        found: list[str] = []
        for identity, statement, parameters in sent:
            await connection.exec_driver_sql(identity)
            raw = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {statement}", parameters)
            found += [statement, "", *(row[0] for row in raw), ""]
    return found


async def reader_of(slug: str) -> Scope:
    """An ordinary member of an organisation."""
    statement = (
        select(Membership)
        .join(Organization, col(Organization.id) == col(Membership.org_id))
        .where(col(Organization.slug) == slug, col(Membership.role) == Role.MEMBER)
        .limit(1)
    )
    async with transaction(SYSTEM) as session:
        member = (await session.exec(statement)).one()
    return Scope(member.user_id, member.org_id, Role.MEMBER)
