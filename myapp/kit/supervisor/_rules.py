"""When a child has ended: who is stopped, who is started, in what order, and when it is enough. No task, no clock.

    rules = Rules([("database", "permanent"), ("cache", "permanent")], "rest_for_one")
    rules.exited("database", normally=False, now=12.5)      # Actions(stop=("cache",), start=("database", "cache"))

The rules are those of OTP's `supervisor.erl`: https://www.erlang.org/doc/apps/stdlib/supervisor. Whoever carries out
the actions tells how it went (`started`, `failed`), and comes back for a `retry` when its time has come (`due`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from myapp.kit.supervisor._spec import Restart, Strategy

MAX_DELAY = 60.0

type Status = Literal["running", "restarting", "stopped"]


@dataclass(frozen=True, slots=True)
class Actions:
    """Stop these in this order, then start those; come back for `retry` after `delay` seconds. Or give up."""

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    retry: str | None = None
    delay: float = 0.0
    gives_up: bool = False


NOTHING = Actions()


@dataclass(slots=True)
class _Child:
    restart: Restart
    status: Status = "stopped"
    attempts: int = 0  # restarts in a row, without a rest between them
    started_at: float = 0.0
    waits: bool = False  # its restart was counted, and comes after a delay


class Rules:
    """The children of one supervisor in the order in which they start, and how often they were restarted."""

    def __init__(
        self,
        children: Iterable[tuple[str, Restart]],
        strategy: Strategy = "one_for_one",
        *,
        max_restarts: int = 3,
        period: float = 5.0,
        backoff: bool = False,
    ) -> None:
        """More than `max_restarts` in `period` seconds are too many; with `backoff` the n-th in a row waits 2^n s."""
        self.strategy: Strategy = strategy
        self._max_restarts = max_restarts
        self._period = period
        self._backoff = backoff
        self._children = {name: _Child(restart) for name, restart in children}
        self._restarts: list[float] = []

    def __contains__(self, name: str) -> bool:
        return name in self._children

    @property
    def names(self) -> tuple[str, ...]:
        """All children, in the order in which they start."""
        return tuple(self._children)

    def status(self, name: str) -> Status:
        return self._children[name].status

    def add(self, name: str, restart: Restart) -> None:
        """One more, to be started after the others."""
        self._children[name] = _Child(restart)

    def remove(self, name: str) -> None:
        del self._children[name]

    def started(self, name: str, now: float) -> None:
        """It runs."""
        child = self._children[name]
        child.status, child.started_at, child.waits = "running", now, False

    def stopped(self, name: str) -> None:
        """It was stopped on purpose: it stays known, unless it is temporary."""
        child = self._children[name]
        child.status, child.waits = "stopped", False
        if child.restart == "temporary":
            del self._children[name]

    def exited(self, name: str, *, normally: bool, counts: bool = True, now: float) -> Actions:
        """What to do about one that has ended by itself; or, where that does not count, by hand."""
        child = self._children.get(name)
        if child is None or child.status != "running":
            return NOTHING
        child.status = "stopped"
        if child.restart == "temporary":
            del self._children[name]
            return NOTHING
        if child.restart == "transient" and normally:
            return NOTHING
        if now - child.started_at > max(self._period, self._delay(child.attempts - 1)):
            child.attempts = 0
        return self._again(name, child, now, counts=counts)

    def failed(self, name: str) -> Actions:
        """It could not be started again: that is to be tried once more, when it is its turn."""
        child = self._children[name]
        child.status, child.waits = "restarting", False
        return Actions(retry=name)

    def due(self, name: str, now: float) -> Actions:
        """The time of a retry has come, unless somebody else has restarted it meanwhile."""
        child = self._children.get(name)
        if child is None or child.status != "restarting":
            return NOTHING
        if child.waits:
            return self._all_of(name)
        return self._again(name, child, now)

    def _again(self, name: str, child: _Child, now: float, *, counts: bool = True) -> Actions:
        self._restarts = [at for at in self._restarts if at >= now - self._period] + [now] * counts
        if len(self._restarts) > self._max_restarts:
            return Actions(gives_up=True)
        attempts, actions = child.attempts, self._all_of(name)
        if not self._backoff:
            return actions
        delay = self._delay(attempts)
        child.status, child.attempts, child.waits = "restarting", attempts + 1, True
        return Actions(stop=actions.stop, retry=name, delay=delay)

    def _all_of(self, name: str) -> Actions:
        """What is restarted together with this one; temporary ones are only stopped."""
        together = self._together(name)
        stop = tuple(each for each in reversed(together) if self._children[each].status == "running")
        for each in together:
            self.stopped(each)
        return Actions(stop, tuple(each for each in together if each in self._children))

    def _together(self, name: str) -> list[str]:
        names = list(self._children)
        match self.strategy:
            case "one_for_one":
                return [name]
            case "rest_for_one":
                return names[names.index(name) :]
            case "one_for_all":
                return names

    @staticmethod
    def _delay(attempts: int) -> float:
        return min(2.0 ** min(attempts, 10), MAX_DELAY)
