"""PostgreSQL itself keeps a person's sessions, links, keys and programs from everybody else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql

from myapp import accounts
from myapp.accounts import Device
from myapp.accounts.schemas import UserSettings
from myapp.kit import rls
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.architecture.test_fences import PERSONS, app, count, owner
from tests.factories import SYSTEM
from tests.factories.accounts import make_session, make_user

__all__ = ["app", "owner"]


async def somebody() -> UUID:
    """A person with a row of each, committed."""
    user = await make_user()
    scope = await accounts.scope_for_session(await make_session(user.id))
    await accounts.create_api_key(scope, {"name": "Backup", "scopes": ["read"]})
    await accounts.create_token_family(scope, Device())
    await (await accounts.request_reset(Scope.anonymous(), user.email))()
    async with transaction(SYSTEM) as session:
        session.add(UserSettings(user_id=user.id))
    return user.id


@pytest.fixture
async def two(real_db: str) -> tuple[UUID, UUID]:
    return await somebody(), await somebody()


@contextmanager
def acting(app: psycopg.Connection, user_id: UUID | None, role: str) -> Generator[None]:
    with app.transaction(force_rollback=True):
        app.execute("SELECT set_config('app.user_id', %s, true)", (str(user_id or ""),))
        app.execute("SELECT set_config('role', %s, true)", (role,))
        yield


@pytest.mark.parametrize("role", [rls.APP, rls.PUBLIC])
def test_everybody_has_their_own_rows_alone(
    two: tuple[UUID, UUID], owner: psycopg.Connection, app: psycopg.Connection, role: str
) -> None:
    for table in sorted(PERSONS):
        name = sql.Identifier(table)
        assert count(owner, table) == 2, table
        with acting(app, two[0], role):
            assert count(app, table) == 1, table
            assert app.execute(sql.SQL("UPDATE {0} SET id = id").format(name)).rowcount == 1, table
            assert app.execute(sql.SQL("DELETE FROM {0}").format(name)).rowcount == 1, table
        with acting(app, None, role):
            assert count(app, table) == 0, table


@pytest.mark.parametrize("role", [rls.APP, rls.PUBLIC])
def test_nobody_begins_a_session_for_another_or_gives_theirs_away(
    two: tuple[UUID, UUID], app: psycopg.Connection, role: str
) -> None:
    statements: list[sql.SQL | sql.Composed] = [
        sql.SQL("INSERT INTO {} (user_id) VALUES (%s)").format(sql.Identifier(table))
        for table in sorted(PERSONS - {"refresh_tokens"})
    ]
    statements.append(sql.SQL("UPDATE sessions SET user_id = %s"))
    for statement in statements:
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), acting(app, two[0], role):
            app.execute(statement, (two[1],))


def test_the_system_finds_whoever_shows_something(
    two: tuple[UUID, UUID], owner: psycopg.Connection, app: psycopg.Connection
) -> None:
    for table in sorted(PERSONS):
        with acting(app, None, rls.SYSTEM):
            assert count(app, table) == count(owner, table), table
