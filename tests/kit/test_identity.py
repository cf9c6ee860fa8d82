"""What PostgreSQL is told about whose a transaction is, on real connections."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from myapp.kit import repo, rls
from myapp.kit.clock import new_id
from myapp.kit.repo import reading, savepoint, transaction
from myapp.kit.scope import Scope

pytestmark = pytest.mark.usefixtures("real_db")

HERE, ELSEWHERE, ADA, MEI = (new_id() for _ in range(4))
SYSTEM = Scope.system("a test")


async def role() -> str:
    """Under whose policies PostgreSQL works."""
    return (await repo.current_session().exec(select(sa.func.current_user()))).one()


async def told() -> tuple[UUID | None, UUID | None]:
    """The organisation and the person that PostgreSQL knows of."""
    named = (sa.func.current_setting(name, True) for name in ("app.org_id", "app.user_id"))
    org_id, user_id = (await repo.current_session().exec(select(*named))).one()
    return UUID(org_id) if org_id else None, UUID(user_id) if user_id else None


async def test_a_transaction_is_the_scopes() -> None:
    async with transaction(Scope(ADA, HERE)):
        assert await told() == (HERE, ADA)
    async with reading(Scope.anonymous()):
        assert await told() == (None, None)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(ADA, HERE), rls.APP),
        (Scope.anonymous(HERE), rls.APP),
        (Scope.system("a test", HERE), rls.APP),
        (Scope(ADA, HERE, is_operator=True), rls.APP),
        (Scope(ADA), rls.PUBLIC),
        (Scope.anonymous(), rls.PUBLIC),
        (SYSTEM, rls.SYSTEM),
        (Scope(ADA, is_operator=True), rls.SYSTEM),
    ],
)
async def test_only_the_system_and_operators_reach_beyond_what_is_public_and_one_organisation(
    scope: Scope, expected: str
) -> None:
    async with transaction(scope):
        assert await role() == expected
        async with transaction(SYSTEM):
            assert await role() == rls.SYSTEM
        assert await role() == expected


async def test_what_begins_without_a_scope_is_the_roles_that_sees_nothing(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(select(sa.func.current_user())) == rls.APP


async def test_nothing_is_left_for_whoever_has_the_connection_next(database_url: str) -> None:
    engine = repo.make_engine(database_url, pool_size=1)
    repo.use(repo.make_sessions(engine))
    async with transaction(Scope(ADA, HERE)):
        assert await told() == (HERE, ADA)
    async with transaction(SYSTEM):
        assert await told() == (None, None)
    await engine.dispose()


async def test_what_is_planned_once_is_said_for_a_transaction_and_forgotten_with_it(database_url: str) -> None:
    engine = repo.make_engine(database_url, pool_size=1)
    repo.use(repo.make_sessions(engine))

    async def plans() -> str:
        return (await repo.current_session().exec(select(sa.func.current_setting("plan_cache_mode")))).one()

    async with reading(Scope(ADA, HERE), plan_once=True):
        assert await plans() == "force_generic_plan"
    async with reading(Scope(ADA, HERE)):
        assert await plans() == "force_custom_plan"
        async with reading(SYSTEM, plan_once=True):
            assert await plans() == "force_custom_plan", "it is the outer one's"
    await engine.dispose()


async def test_it_is_said_with_begin_and_not_again_for_the_same_scope(engine: AsyncEngine) -> None:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    async with transaction(Scope(ADA, HERE)), transaction(Scope(ADA, HERE)), reading(Scope(ADA, HERE)):
        assert await told() == (HERE, ADA)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in sent] == ["SAVEPOINT", "SELECT", "RELEASE"]


async def test_a_block_within_may_be_a_persons_and_the_outer_one_goes_on_as_it_was() -> None:
    async with transaction(SYSTEM):
        async with transaction(Scope(ADA, HERE)):
            assert await told() == (HERE, ADA)
            async with reading(Scope(MEI, HERE)):
                assert await told() == (HERE, MEI)
            async with savepoint():
                assert await told() == (HERE, ADA)
        assert await told() == (None, None)


async def test_the_outer_block_goes_on_as_it_was_after_an_error_within() -> None:
    async with transaction(SYSTEM) as session:
        with pytest.raises(ZeroDivisionError):
            async with transaction(Scope(ADA, HERE)):
                _ = 1 / 0
        assert await told() == (None, None)
        with pytest.raises(DBAPIError):
            async with reading(Scope(ADA, HERE)):
                await session.exec(select(sa.literal(1) / sa.literal(0)))
        assert await told() == (None, None)


@pytest.mark.parametrize("other", [Scope(ADA, ELSEWHERE), Scope(ADA), Scope.system("a test", ELSEWHERE)])
async def test_what_is_done_for_one_organisation_is_not_part_of_what_is_done_for_another(other: Scope) -> None:
    async with transaction(Scope(ADA, HERE)):
        with pytest.raises(RuntimeError, match="another"):
            async with transaction(other):
                pass
        with pytest.raises(RuntimeError, match="another"):
            async with reading(other):
                pass
        assert await told() == (HERE, ADA)


async def test_the_system_may_look_beyond_the_organisation_and_says_why() -> None:
    async with transaction(Scope(ADA, HERE)):
        async with reading(Scope.system("to see whether an address is taken")):
            assert await told() == (None, None)
        assert await told() == (HERE, ADA)


async def test_a_task_that_is_started_within_has_its_own() -> None:
    async def other() -> tuple[UUID | None, UUID | None]:
        async with transaction(Scope(MEI, ELSEWHERE)):
            return await told()

    async with transaction(Scope(ADA, HERE)):
        assert await asyncio.create_task(other()) == (ELSEWHERE, MEI)
        assert await told() == (HERE, ADA)


async def test_a_savepoint_is_only_for_within_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        async with savepoint():
            pass
