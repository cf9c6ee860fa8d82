"""Whatever crashes, or does not start again, our rules stop and start the same as OTP's, in the same order."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myapp.kit.supervisor import Restart, Strategy
from myapp.kit.supervisor._rules import MAX_DELAY, NOTHING, Actions, Rules
from tests.kit.supervisor.otp import Otp, Shutdown

NAMES = "abcd"
STRATEGIES: tuple[Strategy, ...] = ("one_for_one", "one_for_all", "rest_for_one")
RESTARTS: tuple[Restart, ...] = ("permanent", "transient", "temporary")
INTENSITY, PERIOD = 3, 5.0

kinds = st.lists(st.sampled_from(RESTARTS), min_size=1, max_size=len(NAMES)).map(lambda kinds: list(zip(NAMES, kinds)))  # noqa: B905
steps = st.lists(
    st.tuples(
        st.sampled_from(["crash", "end", "try again", "terminate"]),
        st.sampled_from(NAMES),
        st.sets(st.sampled_from(NAMES)) | st.just(set[str]()),
        st.sampled_from([0.0, 0.5, 2.5, 5.0, 6.0]),
    ),
    max_size=30,
)


class Ours:
    """Carries out what our rules say, where nothing takes any time."""

    def __init__(self, children: list[tuple[str, Restart]], strategy: Strategy) -> None:
        self.rules = Rules(children, strategy, max_restarts=INTENSITY, period=PERIOD)
        self.log: list[str] = []
        self.broken: Collection[str] = ()
        self.tries: list[str] = []
        self.now = 0.0
        self.do(Actions(start=self.rules.names))

    def statuses(self) -> dict[str, str]:
        return {name: self.rules.status(name) for name in self.rules.names}

    def do(self, actions: Actions) -> None:
        if actions.gives_up:
            raise Shutdown
        self.log += [f"stop {name}" for name in actions.stop]
        for name in actions.start:
            if name in self.broken:
                self.log.append(f"fail {name}")
                self.do(self.rules.failed(name))
                break
            self.log.append(f"start {name}")
            self.rules.started(name, self.now)
        if actions.retry is not None:
            assert actions.delay == 0
            self.tries.append(actions.retry)

    def step(self, what: str, name: str) -> None:
        if what == "try again":
            self.do(self.rules.due(self.tries.pop(0), self.now))
        elif what == "terminate":
            if self.rules.status(name) == "running":
                self.log.append(f"stop {name}")
            self.rules.stopped(name)
        else:
            self.do(self.rules.exited(name, normally=what == "end", now=self.now))


def step_of_otp(otp: Otp, what: str, name: str, now: float) -> None:
    if what == "try again":
        otp.try_again_restart(now)
    elif what == "terminate":
        otp.terminate_child(name)
    else:
        otp.handle_exit(name, normally=what == "end", now=now)


@settings(max_examples=500)
@given(children=kinds, strategy=st.sampled_from(STRATEGIES), story=steps)
def test_they_are_otps(
    children: list[tuple[str, Restart]], strategy: Strategy, story: list[tuple[str, str, set[str], float]]
) -> None:
    ours, otp = Ours(children, strategy), Otp(children, strategy, INTENSITY, PERIOD)
    for what, name, broken, passed in story:
        if (what == "try again" and not otp.tries) or (what == "terminate" and name not in ours.rules):
            continue
        ours.now += passed
        ours.broken = otp.broken = broken
        ended: list[bool] = []
        for attempt in (lambda: ours.step(what, name), lambda: step_of_otp(otp, what, name, ours.now)):  # noqa: B023
            try:
                attempt()
            except Shutdown:
                ended.append(True)
            else:
                ended.append(False)
        assert ended[0] == ended[1]
        assert ours.log == otp.log
        if ended[0]:
            return
        assert ours.statuses() == otp.statuses()
        assert ours.tries == otp.tries


@given(children=kinds, strategy=st.sampled_from(STRATEGIES), story=steps)
def test_whatever_happens_a_child_starts_once_before_it_stops_and_a_temporary_one_never_again(
    children: list[tuple[str, Restart]], strategy: Strategy, story: list[tuple[str, str, set[str], float]]
) -> None:
    ours = Ours(children, strategy)
    up = set(ours.rules.names)
    for what, name, broken, passed in story:
        if (what == "try again" and not ours.tries) or (what == "terminate" and name not in ours.rules):
            continue
        ours.now, ours.broken, known = ours.now + passed, broken, len(ours.log)
        if what in {"crash", "end"}:
            up.discard(name)
        try:
            ours.step(what, name)
        except Shutdown:
            return
        for line in ours.log[known:]:
            deed, _, of = line.partition(" ")
            if deed == "start":
                assert of not in up
                up.add(of)
            elif deed == "stop":
                up.remove(of)
    for name, restart in children:
        assert restart != "temporary" or ours.log.count(f"start {name}") == 1


def test_the_fourth_crash_in_five_seconds_is_one_too_many() -> None:
    rules = Rules([("a", "permanent")])
    for moment in (0.0, 1.0, 2.0):
        rules.started("a", moment)
        assert rules.exited("a", normally=False, now=moment) == Actions(start=("a",))
    rules.started("a", 4.9)

    assert rules.exited("a", normally=False, now=4.9).gives_up


def test_crashes_that_lie_further_apart_are_none_too_many() -> None:
    rules = Rules([("a", "permanent")])
    for moment in range(0, 100, 2):
        rules.started("a", moment)
        assert not rules.exited("a", normally=False, now=moment).gives_up


@pytest.mark.parametrize(
    ("strategy", "stop", "start"),
    [
        ("one_for_one", (), ("b",)),
        ("rest_for_one", ("c",), ("b", "c")),
        ("one_for_all", ("c", "a"), ("a", "b", "c")),
    ],
)
def test_a_strategy_says_who_is_restarted_too(
    strategy: Strategy, stop: tuple[str, ...], start: tuple[str, ...]
) -> None:
    rules = Rules([(name, "permanent") for name in "abc"], strategy)
    for name in "abc":
        rules.started(name, 0)

    assert rules.exited("b", normally=False, now=1) == Actions(stop, start)


def test_with_backoff_each_restart_in_a_row_waits_twice_as_long_and_after_a_rest_one_second_again() -> None:
    rules, moment, waits = Rules([("a", "permanent")], backoff=True), 0.0, list[float]()
    for lives in (0, 0, 0, 0, 0, 0, 0, 100):
        rules.started("a", moment)
        moment += lives
        actions = rules.exited("a", normally=False, now=moment)
        assert (actions.start, actions.retry) == ((), "a")
        waits.append(actions.delay)
        moment += actions.delay
        assert rules.due("a", moment) == Actions(start=("a",))

    assert waits == [1, 2, 4, 8, 16, 32, MAX_DELAY, 1]


def test_during_the_wait_those_that_rely_on_it_do_not_run() -> None:
    rules = Rules([("a", "permanent"), ("b", "permanent")], "rest_for_one", backoff=True)
    rules.started("a", 0)
    rules.started("b", 0)

    assert rules.exited("a", normally=False, now=1) == Actions(stop=("b",), retry="a", delay=1)
    assert rules.due("a", 2) == Actions(start=("a", "b"))


def test_a_retry_comes_too_late_for_one_that_was_stopped_meanwhile() -> None:
    rules = Rules([("a", "permanent")], backoff=True)
    rules.started("a", 0)
    rules.exited("a", normally=False, now=1)
    rules.stopped("a")

    assert rules.due("a", 2) == NOTHING
