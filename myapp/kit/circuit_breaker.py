"""Leave a service alone that fails again and again, instead of waiting for it each time.

    geocoder = Breaker("geocoder")

    with geocoder.guard():                  # Unavailable at once while the circuit is open
        await client.get(...)

What always holds: after `failures` failures in a row the circuit is open for `rest` seconds, and nobody gets through;
then one call may try, and only one. If it succeeds the circuit is closed, if it fails it stays open for as long again;
if it is cancelled it proves nothing, and the next may try. The result of a call that began before the circuit changed
counts no more. Time is the machine's own, so nothing follows from a clock that is set.

`circuit` below is pure; `Breaker` gives it the time and tells of its changes. "Release It!" by Michael Nygard, and
Erlang's `fuse`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import WeakSet

from myapp.kit import telemetry
from myapp.kit.clock import now
from myapp.kit.errors import Unavailable

log = logging.getLogger(__name__)


class State(StrEnum):
    """What becomes of a call: it goes through, it is refused, or one is on trial and the others are refused."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


@dataclass(slots=True)
class Circuit:
    """The rules alone. Moments are seconds of any clock that is never set."""

    most: int
    rest: float
    state: State = State.CLOSED
    failures: int = 0
    since: float = 0.0
    _era: int = 0

    def enter(self, moment: float) -> int | None:
        """What `leave` is to be told, or None when the call is refused."""
        if self.state is State.OPEN and moment >= self.since + self.rest:
            self._become(State.TRYING, moment)
        elif self.state is not State.CLOSED:
            return None
        return self._era

    def wait(self, moment: float) -> float:
        """Seconds until the next call may try; while one is on trial that is not known, and 1."""
        return max(0.0, self.since + self.rest - moment) if self.state is State.OPEN else 1.0

    def leave(self, era: int, moment: float, *, succeeded: bool | None) -> None:
        """How the call ended that `enter` let in; None: it was given up."""
        if era != self._era:
            return
        if succeeded:
            self.failures = 0
            if self.state is State.TRYING:
                self._become(State.CLOSED, moment)
        elif succeeded is None:
            if self.state is State.TRYING:
                self._become(State.OPEN, moment - self.rest)
        else:
            self.failures += 1
            if self.state is State.TRYING or self.failures >= self.most:
                self._become(State.OPEN, moment)

    def _become(self, state: State, moment: float) -> None:
        self.state, self.since = state, moment
        self._era += 1


@dataclass(frozen=True, slots=True)
class BreakerStats:
    """How a breaker stands: since when, after how many failures in a row, and in how many seconds a call may try."""

    name: str
    state: State
    since: datetime
    failures: int
    retry_in: float


@dataclass(eq=False)
class Breaker:
    """One for each service. An error that `is_failure` denies is an answer like others, as the service is there; of one
    where it says None, nothing follows.
    """

    name: str
    failures: int = 5
    rest: float = 60.0
    is_failure: Callable[[Exception], bool | None] = lambda _: True
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def __post_init__(self) -> None:
        self._circuit = Circuit(self.failures, self.rest, since=self.clock())
        _living.add(self)

    @contextmanager
    def guard(self) -> Generator[None]:
        """Around one call. Raises Unavailable when it is not to be made."""
        era = self._told(self._circuit.enter)
        if era is None:
            raise Unavailable(self._circuit.wait(self.clock()))
        succeeded: bool | None = None
        try:
            yield
            succeeded = True
        except Exception as error:
            failed = self.is_failure(error)
            succeeded = None if failed is None else not failed
            raise
        finally:
            self._told(lambda moment: self._circuit.leave(era, moment, succeeded=succeeded))

    @property
    def stats(self) -> BreakerStats:
        """How it stands at this moment."""
        circuit, moment = self._circuit, self.clock()
        since = now() - timedelta(seconds=moment - circuit.since)
        retry_in = circuit.wait(moment) if circuit.state is State.OPEN else 0.0
        return BreakerStats(self.name, circuit.state, since, circuit.failures, retry_in)

    def _told[T](self, step: Callable[[float], T]) -> T:
        before = self._circuit.state
        result = step(self.clock())
        after = self._circuit.state
        if after is not before:
            level = logging.WARNING if after is State.OPEN else logging.INFO
            telemetry.execute("circuit_breaker.changed", {"count": 1}, {"breaker": self.name, "state": after.value})
            log.log(level, "the circuit of %s is %s after %d failures", self.name, after, self._circuit.failures)
        return result


def stats() -> list[BreakerStats]:
    """All breakers of this process, by name."""
    return sorted((breaker.stats for breaker in _living), key=lambda each: each.name)


_living: WeakSet[Breaker] = WeakSet()
