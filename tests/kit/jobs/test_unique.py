"""Of jobs that count as the same there is one, also when many add it at the same moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs
from myapp.kit.jobs import INCOMPLETE, JobState, Unique
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.kit.jobs.workers import HERE
from tests.queue import all_jobs, drain, let_jobs_age

GREET, ONCE = f"{HERE}.Greet", f"{HERE}.Once"


async def test_the_second_is_the_first(db: AsyncConnection) -> None:
    first = await jobs.enqueue(GREET, {"n": 1}, unique=Unique())
    second = await jobs.enqueue(GREET, {"n": 1}, unique=Unique())
    assert (first.is_new, second.is_new, second.id) == (True, False, first.id)
    assert (await jobs.enqueue(GREET, {"n": 2}, unique=Unique())).is_new


async def test_after_the_period_it_is_another(db: AsyncConnection) -> None:
    unique = Unique(period=timedelta(minutes=1))
    assert (await jobs.enqueue(GREET, unique=unique)).is_new
    await let_jobs_age(seconds=50)
    assert not (await jobs.enqueue(GREET, unique=unique)).is_new
    await let_jobs_age(seconds=11)
    assert (await jobs.enqueue(GREET, unique=unique)).is_new


async def test_keys_say_which_arguments_count(db: AsyncConnection) -> None:
    assert (await jobs.enqueue(ONCE, {"id": 1, "note": "a"})).is_new
    assert not (await jobs.enqueue(ONCE, {"id": 1, "note": "b"})).is_new
    assert (await jobs.enqueue(ONCE, {"id": 2, "note": "a"})).is_new


async def test_fields_say_what_counts_besides(db: AsyncConnection) -> None:
    unique = Unique(fields=("queue",))
    assert (await jobs.enqueue(GREET, {"n": 1}, unique=unique)).is_new
    assert not (await jobs.enqueue(ONCE, {"n": 2}, unique=unique)).is_new


async def test_states_say_how_long_it_counts(db: AsyncConnection, queue: None) -> None:
    unfinished = Unique(states=INCOMPLETE)
    assert (await jobs.enqueue(GREET, unique=unfinished)).is_new
    await drain()
    assert not (await jobs.enqueue(GREET, unique=Unique())).is_new
    assert (await jobs.enqueue(GREET, unique=unfinished)).is_new


async def test_one_that_was_not_unique_is_not_looked_at(db: AsyncConnection) -> None:
    await jobs.enqueue(GREET)
    assert (await jobs.enqueue(GREET, unique=Unique())).is_new


async def test_many_of_a_unique_worker_are_added_once_each(db: AsyncConnection) -> None:
    ids = await jobs.enqueue_many(ONCE, [{"id": n % 3} for n in range(9)])
    assert len(ids) == 9
    assert len(set(ids)) == len(await all_jobs(ONCE)) == 3


async def test_one_that_is_rolled_back_does_not_count(real_db: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await jobs.enqueue(GREET, unique=Unique())
            raise ZeroDivisionError
    assert (await jobs.enqueue(GREET, unique=Unique())).is_new


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(st.integers(0, 2), min_size=2, max_size=9),
    fails=st.lists(st.booleans(), min_size=9, max_size=9),
    period=st.sampled_from([None, timedelta(minutes=1)]),
)
async def test_who_races_leaves_one_row(
    real_db: str, ids: list[int], fails: list[bool], period: timedelta | None
) -> None:
    """Each on a connection of its own; some take theirs back, and whoever waits behind them adds it then."""
    async with transaction(SYSTEM):
        await jobs.delete_jobs([job.id for job in await all_jobs()])

    async def add(number: int, some_id: int) -> bool:
        try:
            async with transaction(SYSTEM):
                made = await jobs.enqueue(GREET, {"id": some_id}, unique=Unique(period=period))
                await asyncio.sleep(0)
                _ = 1 / (not fails[number])
        except ZeroDivisionError:
            return False
        return made.is_new

    added = await asyncio.gather(*(add(number, some_id) for number, some_id in enumerate(ids)))
    wanted = {some_id for number, some_id in enumerate(ids) if not fails[number]}
    found = await all_jobs(GREET)
    assert sorted(job.args["id"] for job in found) == sorted(wanted)
    assert {job.state for job in found} <= {JobState.AVAILABLE}
    assert sum(added) == len(wanted)


@pytest.mark.parametrize("wrong", [{"fields": ()}, {"fields": ("state",)}, {"states": ()}])
def test_a_rule_that_says_nothing_is_refused(wrong: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match="unique"):
        Unique(**wrong)  # pyright: ignore[reportArgumentType]
