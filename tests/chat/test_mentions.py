"""Unread messages that name somebody are counted in a table that the database keeps to what the messages say."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import select

from myapp import accounts, chat
from myapp.accounts import Organization
from myapp.chat import queries
from myapp.chat.schemas import Mention
from myapp.kit import migrations
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member
from tests.factories.chat import make_message, make_room

pytestmark = pytest.mark.usefixtures("db")


async def at(scope: Scope) -> str:
    assert scope.user_id is not None
    return f"@{(await accounts.get_user(scope, scope.user_id)).username}"


async def kept() -> set[tuple[int, UUID]]:
    async with transaction(SYSTEM) as session:
        return {(row.seq, row.user_id) for row in (await session.exec(select(Mention))).all()}


async def mentions_of(scope: Scope, room_id: UUID) -> int:
    return (await chat.get_room(scope, room_id)).mention_count


async def test_a_changed_message_names_whom_it_names_now(ada: Scope, mei: Scope, organization: Organization) -> None:
    room, third = await make_room(ada), await make_member(organization)
    message = await make_message(ada, room, f"{await at(mei)} {await at(mei)} and myself, {await at(ada)}")
    assert await kept() == {(1, mei.user_id)}
    await chat.update_message(ada, message.id, {"body": f"{await at(third)} and {await at(mei)}"})
    assert await kept() == {(1, mei.user_id), (1, third.user_id)}
    await chat.update_message(ada, message.id, {"body": f"{await at(third)} alone"})
    assert (await mentions_of(mei, room.id), await mentions_of(third, room.id)) == (0, 1)


async def test_a_moderator_takes_the_mentions_away_with_the_words(
    ada: Scope, mei: Scope, organization: Organization
) -> None:
    room, moderator = await make_room(ada), await make_member(organization, Role.MODERATOR)
    message = await make_message(ada, room, await at(mei))
    await chat.delete_message(moderator, message.id)
    assert await kept() == set()


async def test_with_a_room_its_mentions_go(ada: Scope, mei: Scope) -> None:
    one, other = await make_room(ada), await make_room(ada)
    for room in (one, other):
        await make_message(ada, room, await at(mei))
    await chat.delete_room(Scope.system("a test", ada.org_id), one.id)
    assert await kept() == {(1, mei.user_id)}
    assert await mentions_of(mei, other.id) == 1


async def test_another_organization_counts_none_of_them(ada: Scope, mei: Scope) -> None:
    await make_message(ada, await make_room(ada), await at(mei))
    for scope in (Scope(mei.user_id, uuid4(), Role.MEMBER), Scope.anonymous()):
        async with transaction(scope) as session:
            assert (await session.exec(select(Mention))).all() == []
    async with transaction(Scope(mei.user_id)) as session:
        assert [row.user_id for row in (await session.exec(select(Mention))).all()] == [mei.user_id]


async def test_what_is_unread_is_looked_up_in_an_index_under_the_policies(mei: Scope) -> None:
    """However many messages there are: a condition that is not leakproof would be asked of each."""
    statement = queries.room_cards(mei).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    async with transaction(mei) as session:
        connection = await session.connection()
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}")).scalars().all()
    looked_up = [line for line in plan if "Index Cond" in line and "seq >" in line]
    assert len(looked_up) == 1
    assert "user_id =" in looked_up[0]
    assert "room_id =" in looked_up[0]


async def test_what_was_said_before_the_table_was_there_is_taken_over(ada: Scope, mei: Scope) -> None:
    room = await make_room(ada)
    for body in (f"{await at(mei)}!", "nobody", f"to myself: {await at(ada)}"):
        await make_message(ada, room, body)
    before = await kept()
    [revision] = [each for each in migrations.revisions() if each.revision == "20261128205510"]
    async with transaction(SYSTEM) as session:
        await session.exec(sa.delete(Mention))
        await (await session.connection()).exec_driver_sql(revision.module.COPY)
    assert before == {(1, mei.user_id)} == await kept()
