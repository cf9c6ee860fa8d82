"""Programs that somebody has logged in with: each refresh token once, and a family that ends when one leaks."""

from __future__ import annotations

import asyncio
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa

from myapp import accounts
from myapp.accounts import Device, InvalidToken, Organization
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Scope
from tests.factories.accounts import make_user

DEVICE = Device("192.0.2.1", "A program")
SYSTEM = Scope.system("a test")


async def run(statement: str) -> None:
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text(statement))


async def test_each_renewal_gives_another_token_of_the_same_family(organization: Organization, ada: Scope) -> None:
    first = await accounts.create_token_family(ada, DEVICE)
    second = await accounts.rotate_refresh_token(first.refresh_token)
    third = await accounts.rotate_refresh_token(second.refresh_token)
    assert len({each.refresh_token for each in (first, second, third)}) == 3
    assert {each.family_id for each in (first, second, third)} == {first.family_id}
    scope = await accounts.scope_for_program(first.family_id, organization.slug)
    assert scope == Scope(ada.user_id, organization.id, ada.role)


async def test_a_spent_token_ends_the_family_and_its_sockets(ada: Scope, hub: PubSub) -> None:
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    first, other = await accounts.create_token_family(ada, DEVICE), await accounts.create_token_family(ada, DEVICE)
    second = await accounts.rotate_refresh_token(first.refresh_token)
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(first.refresh_token)
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(second.refresh_token)
    with pytest.raises(Unauthenticated):
        await accounts.scope_for_program(first.family_id)
    assert closed == [Disconnect(f"token-family:{first.family_id}")]
    assert await accounts.list_ended_programs(SYSTEM, [first.family_id, other.family_id]) == {first.family_id}
    await accounts.rotate_refresh_token(other.refresh_token)  # another log-in goes on


async def test_a_token_that_is_too_old_is_refused_and_gives_nobody_away(ada: Scope) -> None:
    tokens = await accounts.create_token_family(ada, DEVICE)
    await run("UPDATE refresh_tokens SET expires_at = now()")
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(tokens.refresh_token)
    assert len(await accounts.list_programs(ada)) == 1


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\0" * 43, "é" * 5000])
async def test_what_is_no_token_is_refused(ada: Scope, token: str) -> None:
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(token)


async def test_only_hashes_of_tokens_are_kept(ada: Scope) -> None:
    tokens = await accounts.create_token_family(ada, DEVICE)
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        kept = [
            repr((await connection.execute(sa.text(f"SELECT * FROM {table}"))).all())  # noqa: S608
            for table in ("refresh_tokens", "token_families", "audit_logs")
        ]
    assert tokens.refresh_token not in "".join(kept)
    assert tokens.refresh_token not in repr(tokens)


@pytest.mark.parametrize("column", ["deactivated_at", "anonymised_at"])
async def test_who_is_kept_out_renews_nothing(ada: Scope, column: str) -> None:
    tokens = await accounts.create_token_family(ada, DEVICE)
    await run(f"UPDATE users SET {column} = now()")  # noqa: S608
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(tokens.refresh_token)
    with pytest.raises(Unauthenticated):
        await accounts.scope_for_program(tokens.family_id)


async def test_one_sees_and_ends_ones_own_programs_only(ada: Scope, mei: Scope) -> None:
    hers, other = await accounts.create_token_family(ada, DEVICE), await accounts.create_token_family(mei, DEVICE)
    assert [each.id for each in await accounts.list_programs(ada)] == [hers.family_id]
    for stranger in (mei, Scope(mei.user_id, is_operator=True)):
        with pytest.raises(NotFound):
            await accounts.delete_program(stranger, hers.family_id)
    with pytest.raises(Forbidden):
        await accounts.end_programs_of(mei, cast("UUID", ada.user_id))
    with pytest.raises(Forbidden):
        await accounts.create_token_family(ada.limited_to(frozenset(Grant)), DEVICE)
    await accounts.delete_program(ada, hers.family_id)
    assert await accounts.list_programs(ada) == []
    await accounts.rotate_refresh_token(other.refresh_token)


async def test_what_is_over_is_forgotten(ada: Scope) -> None:
    old = await accounts.create_token_family(ada, DEVICE)
    new = await accounts.create_token_family(ada, DEVICE)
    await run(f"UPDATE token_families SET expires_at = now() WHERE id = '{old.family_id}'")  # noqa: S608
    assert await accounts.delete_expired_programs(SYSTEM) == 1
    assert [each.id for each in await accounts.list_programs(ada)] == [new.family_id]


async def test_of_two_who_come_with_the_same_token_at_once_only_one_renews_and_the_family_ends(real_db: str) -> None:
    user = await make_user()
    for _ in range(5):
        tokens = await accounts.create_token_family(Scope(user.id), DEVICE)
        outcomes = await asyncio.gather(
            *(accounts.rotate_refresh_token(tokens.refresh_token) for _ in range(4)), return_exceptions=True
        )
        renewed = [each for each in outcomes if isinstance(each, accounts.Tokens)]
        assert len(renewed) == 1
        assert {type(each) for each in outcomes} == {accounts.Tokens, InvalidToken}
        with pytest.raises(InvalidToken):
            await accounts.rotate_refresh_token(renewed[0].refresh_token)
    assert await accounts.list_programs(Scope(user.id)) == []
