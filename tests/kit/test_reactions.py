"""What belongs to a transaction and is left for its end: reactions to events, and other steps before the commit."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from myapp.kit.audit import AuditLog, record
from myapp.kit.pubsub import broadcast, event, local_broadcast, react, subscribe
from myapp.kit.repo import after_commit, before_commit, savepoint, transaction
from tests.factories import SYSTEM

pytestmark = pytest.mark.usefixtures("db")


@event("test.done")
@dataclass(frozen=True)
class Done:
    what: str


async def note(event: Done) -> None:
    """A row for each event."""
    await record(SYSTEM, f"test.{event.what}", "test", "1")


async def noted() -> list[str]:
    async with transaction(SYSTEM) as session:
        found = select(AuditLog.action).where(col(AuditLog.subject_type) == "test").order_by(col(AuditLog.id))
        return list((await session.exec(found)).all())


async def test_steps_come_in_order_before_the_commit_and_hooks_after_it() -> None:
    happened: list[str] = []

    async def step(name: str) -> None:
        happened.append(name)

    async with transaction(SYSTEM):
        after_commit(lambda: happened.append("committed"))
        before_commit(lambda: step("first"))
        async with savepoint():
            before_commit(lambda: step("second"))
        happened.append("the end of the block")
    assert happened == ["the end of the block", "first", "second", "committed"]


async def test_a_step_may_lead_to_another() -> None:
    happened: list[int] = []

    async def step(number: int) -> None:
        happened.append(number)
        if number < 3:
            before_commit(lambda: step(number + 1))

    async with transaction(SYSTEM):
        before_commit(lambda: step(1))
    assert happened == [1, 2, 3]


async def test_outside_of_a_transaction_there_is_nothing_to_come_before() -> None:
    async def step() -> None: ...

    with pytest.raises(RuntimeError):
        before_commit(step)


async def test_what_a_reaction_writes_is_committed_with_the_deed_before_others_hear_of_it() -> None:
    react(Done, note)
    heard: list[object] = []
    subscribe("deeds", lambda _, event: heard.append(event))
    async with transaction(SYSTEM):
        broadcast("deeds", Done("deed"))
        assert heard == []
    assert await noted() == ["test.deed"]
    assert heard == [Done("deed")]


async def test_what_is_rolled_back_is_reacted_to_by_nobody() -> None:
    react(Done, note)
    async with transaction(SYSTEM):
        with pytest.raises(ZeroDivisionError):
            async with savepoint():
                broadcast("deeds", Done("undone"))
                raise ZeroDivisionError
        broadcast("deeds", Done("done"))
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            broadcast("deeds", Done("undone"))
            raise ZeroDivisionError
    assert await noted() == ["test.done"]


async def test_a_reaction_that_fails_undoes_the_deed_and_nobody_hears_of_it() -> None:
    async def fail(_event: Done) -> None:
        async with transaction(SYSTEM) as session:
            await session.exec(select(sa.literal(1) / sa.literal(0)))

    react(Done, note)
    react(Done, fail)
    heard: list[object] = []
    subscribe("deeds", lambda _, event: heard.append(event))
    with pytest.raises(DBAPIError):
        async with transaction(SYSTEM):
            broadcast("deeds", Done("deed"))
    assert await noted() == []
    assert heard == []


async def test_only_events_of_the_class_that_are_told_in_a_transaction_are_reacted_to() -> None:
    @event("test.done.differently")
    @dataclass(frozen=True)
    class DoneDifferently(Done):
        pass

    react(Done, note)
    broadcast("deeds", Done("outside"))
    async with transaction(SYSTEM):
        broadcast("deeds", DoneDifferently("inside"))
        local_broadcast("deeds", Done("here alone"))
    assert await noted() == []
