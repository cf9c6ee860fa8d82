"""When calls go through a breaker: its rules against every order of events, and what it says of itself."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from myapp.kit import circuit_breaker
from myapp.kit.circuit_breaker import Breaker, State
from myapp.kit.errors import Unavailable


@dataclass
class Clock:
    moment: float = 0.0

    def __call__(self) -> float:
        return self.moment


@dataclass
class Call:
    """One that has been let in, and how it is told to end."""

    breaker: Breaker
    end: asyncio.Future[None] = field(default_factory=asyncio.Future[None])

    async def __call__(self) -> None:
        with self.breaker.guard():
            await self.end


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("geocoder", clock=clock)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(ZeroDivisionError), breaker.guard():
            raise ZeroDivisionError


def succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


def refuse(breaker: Breaker) -> float:
    with pytest.raises(Unavailable) as refused, breaker.guard():
        raise AssertionError("it was let in")
    return refused.value.retry_after


def test_the_fifth_failure_in_a_row_opens_it_for_a_minute(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 4)
    succeed(breaker)
    fail(breaker, 5)
    clock.moment += 20
    assert refuse(breaker) == 40
    clock.moment += 39
    assert refuse(breaker) == 1
    clock.moment += 1
    succeed(breaker)
    fail(breaker, 4)
    succeed(breaker)


def test_a_failed_trial_opens_it_for_a_minute_more(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.moment += 60
    fail(breaker)
    assert refuse(breaker) == 60


async def test_only_one_call_is_a_trial(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.moment += 60
    trial = Call(breaker)
    trying = asyncio.create_task(trial())
    await asyncio.sleep(0)
    assert [refuse(breaker) for _ in range(50)] == [1] * 50
    trial.end.set_result(None)
    await trying
    succeed(breaker)


async def test_a_trial_that_is_cancelled_lets_the_next_one_try(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.moment += 60
    trying = asyncio.create_task(Call(breaker)())
    await asyncio.sleep(0)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert breaker.stats.state is State.OPEN
    fail(breaker)
    assert refuse(breaker) == 60


async def test_who_was_cancelled_has_not_failed(breaker: Breaker) -> None:
    for _ in range(9):
        call = asyncio.create_task(Call(breaker)())
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    succeed(breaker)


async def test_what_began_before_counts_no_more(breaker: Breaker, clock: Clock) -> None:
    calls = [Call(breaker) for _ in range(2)]
    running = [asyncio.create_task(call()) for call in calls]
    await asyncio.sleep(0)
    fail(breaker, 5)
    clock.moment += 30
    calls[0].end.set_result(None)
    calls[1].end.set_exception(ZeroDivisionError())
    await asyncio.gather(*running, return_exceptions=True)
    assert refuse(breaker) == 30


def test_what_is_no_failure_counts_as_an_answer(clock: Clock) -> None:
    breaker = Breaker("geocoder", is_failure=lambda error: not isinstance(error, KeyError), clock=clock)
    fail(breaker, 4)
    with pytest.raises(KeyError), breaker.guard():
        raise KeyError
    fail(breaker, 4)
    succeed(breaker)


def test_what_proves_nothing_leaves_the_trial_to_the_next(clock: Clock) -> None:
    breaker = Breaker("geocoder", is_failure=lambda error: None if isinstance(error, KeyError) else True, clock=clock)
    fail(breaker, 5)
    clock.moment += 60
    with pytest.raises(KeyError), breaker.guard():
        raise KeyError
    assert breaker.stats.state is State.OPEN
    succeed(breaker)
    assert breaker.stats.state is State.CLOSED


def test_it_says_how_it_stands(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    mirror = Breaker("a mirror of this test's own", clock=clock)
    fail(mirror, 5)
    clock.moment += 20
    [stats] = [each for each in circuit_breaker.stats() if each.name == mirror.name]
    assert (stats.state, stats.failures, stats.retry_in) == (State.OPEN, 5, 40)
    assert caplog.messages == ["the circuit of a mirror of this test's own is open after 5 failures"]


class Rules(RuleBasedStateMachine):
    """Any order of calls that begin, end, fail and are given up while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker("any", failures=3, rest=10, clock=self.clock)
        self.running: list[tuple[int, bool]] = []  # what began, and whether as a trial
        self.refused_until = 0.0

    @property
    def circuit(self) -> circuit_breaker.Circuit:
        return self.breaker._circuit

    @rule()
    def begin(self) -> None:
        era = self.circuit.enter(self.clock())
        if era is None:
            assert self.circuit.state is not State.CLOSED
        else:
            assert self.clock() >= self.refused_until
            self.running.append((era, self.circuit.state is State.TRYING))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), succeeded=st.sampled_from([True, False, None]))
    def end(self, data: st.DataObject, succeeded: bool | None) -> None:
        era, _ = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        was = self.circuit.state
        self.circuit.leave(era, self.clock(), succeeded=succeeded)
        if self.circuit.state is State.OPEN and was is not State.OPEN and succeeded is False:
            self.refused_until = self.clock() + 10

    @rule(seconds=st.integers(1, 15))
    def pass_time(self, seconds: int) -> None:
        self.clock.moment += seconds

    @invariant()
    def one_trial_at_most(self) -> None:
        trials = [era for era, is_trial in self.running if is_trial and era == self.circuit._era]
        assert len(trials) == (1 if self.circuit.state is State.TRYING else 0)

    @invariant()
    def closed_means_few_failures(self) -> None:
        assert self.circuit.state is not State.CLOSED or self.circuit.failures < 3


TestRules = Rules.TestCase
TestRules.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
