"""Three processes that lose, double and reorder what they tell each other agree in the end."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from myapp.kit.presence._diff import encoded
from myapp.kit.presence._messages import Delta, Gone, Message, Snapshot, Wanted
from myapp.kit.presence._state import Answer, State

NODES = st.integers(0, 2)
TOPICS = ("room:1", "room:2")
PATIENCE = 20.0
FAR = 1 << 30

type People = dict[str, dict[str, list[dict[str, Any]]]]


class Letter(NamedTuple):
    message: Message
    to: int


class Page:
    """What `Presence` of phoenix.js makes of the messages of one topic (assets/js/phoenix/presence.js)."""

    def __init__(self) -> None:
        self.people: dict[str, list[str]] = {}

    def sync(self, diff: bytes) -> None:
        joins, leaves = (_refs(json.loads(diff)[part]) for part in ("joins", "leaves"))
        for key, refs in joins.items():
            known = self.people.get(key, [])
            assert not set(refs) & set(known), "told twice of one that came"
            self.people[key] = known + refs
        for key, refs in leaves.items():
            assert set(refs) <= set(self.people[key]), "told of one that went, but never of its coming"
            self.people[key] = [ref for ref in self.people[key] if ref not in refs]
            if not self.people[key]:
                del self.people[key]


def _refs(people: People) -> dict[str, list[str]]:
    return {key: [meta["phx_ref"] for meta in entry["metas"]] for key, entry in people.items()}


class Process:
    """One that lives: its state, what is true of it, and a page for each topic."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = State(name, lambda _topic, _is_join: None)
        self.truth: dict[int, tuple[str, str]] = {}
        self.pages = {topic: Page() for topic in TOPICS}
        self.number = 0

    def track(self, topic: str, key: str) -> None:
        self.number += 1
        self.state.add(self.number, topic, key, json.dumps({"phx_ref": f"{self.name}-{self.number}"}).encode())
        self.truth[self.number] = (topic, key)

    def untrack(self, number: int) -> None:
        self.state.remove(number)
        del self.truth[number]

    def flush(self) -> None:
        for topic, page in self.pages.items():
            if diff := self.state.take_diff(topic):
                page.sync(diff.encoded())


class Cluster(RuleBasedStateMachine):
    """Any of it may happen at any moment; then the network heals, and everybody must know what is true."""

    def __init__(self) -> None:
        super().__init__()
        self.births = 0
        self.now = 0.0
        self.letters: list[Letter] = []
        self.processes = [self.born() for _ in range(3)]

    def born(self) -> Process:
        self.births += 1
        return Process(f"node{self.births}")

    def send(self, sender: int, message: Message, to: str | None = None) -> None:
        for index, process in enumerate(self.processes):
            if index != sender and to in {None, process.name}:
                self.letters.append(Letter(message, index))

    def deliver(self, letter: Letter) -> None:
        answers: list[Answer] = self.processes[letter.to].state.receive(letter.message, self.now)
        for message, to in answers:
            self.send(letter.to, message, to)

    @rule(index=NODES, topic=st.sampled_from(TOPICS), key=st.sampled_from("ab"))
    def track(self, index: int, topic: str, key: str) -> None:
        self.processes[index].track(topic, key)

    @rule(index=NODES, which=st.integers(0, FAR), stays=st.booleans())
    def untrack_or_update(self, index: int, which: int, stays: bool) -> None:
        process = self.processes[index]
        if numbers := list(process.truth):
            number = numbers[which % len(numbers)]
            topic, key = process.truth[number]
            process.untrack(number)
            if stays:
                process.track(topic, key)

    @rule(index=NODES)
    def tell(self, index: int) -> None:
        if delta := self.processes[index].state.delta():
            self.send(index, delta)

    @rule(index=NODES, is_question=st.booleans())
    def beat(self, index: int, is_question: bool) -> None:
        self.send(index, self.processes[index].state.heartbeat(is_question=is_question))

    @precondition(lambda self: self.letters)
    @rule(which=st.integers(0, FAR), keeps=st.booleans())
    def deliver_any(self, which: int, keeps: bool) -> None:
        index = which % len(self.letters)
        self.deliver(self.letters[index] if keeps else self.letters.pop(index))

    @precondition(lambda self: self.letters)
    @rule()
    def deliver_the_latest(self) -> None:
        self.deliver(self.letters.pop())

    @precondition(lambda self: self.letters)
    @rule()
    def deliver_all(self) -> None:
        for letter in tuple(self.letters):
            self.deliver(self.letters.pop(self.letters.index(letter)))

    @precondition(lambda self: self.letters)
    @rule(which=st.integers(0, FAR))
    def lose(self, which: int) -> None:
        self.letters.pop(which % len(self.letters))

    @rule(index=NODES, what=st.sampled_from(("flush", "flush", "wait", "restart", "stop and start")))
    def happen(self, index: int, what: str) -> None:
        if what == "flush":
            self.processes[index].flush()
        elif what == "wait":
            self.wait(PATIENCE / 2)
        else:
            if what == "stop and start":
                self.send(index, Gone(self.processes[index].name))
            self.letters = [letter for letter in self.letters if letter.to != index]
            self.processes[index] = self.born()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for process in self.processes:
            process.state.expire(self.now - PATIENCE)

    @invariant()
    def each_knows_its_own_at_once(self) -> None:
        for process in self.processes:
            for number, (topic, key) in process.truth.items():
                metas = process.state.people(topic)[key]
                assert f'{{"phx_ref": "{process.name}-{number}"}}'.encode() in metas

    def teardown(self) -> None:
        self.heal()
        for topic in TOPICS:
            truth: dict[str, set[str]] = {}
            for process in self.processes:
                for number, (where, key) in process.truth.items():
                    if where == topic:
                        truth.setdefault(key, set()).add(f"{process.name}-{number}")
            for process in self.processes:
                process.flush()
                known = _refs(json.loads(encoded(process.state.people(topic))))
                assert {key: set(refs) for key, refs in known.items()} == truth
                assert {key: set(refs) for key, refs in process.pages[topic].people.items()} == truth

    def heal(self) -> None:
        """Nothing is lost any more, and the others have had time to give up those who ended."""
        for _ in range(3):
            for index in range(3):
                self.tell(index)
                self.beat(index, is_question=False)
            while self.letters:
                self.deliver(self.letters.pop(0))
            self.wait(PATIENCE / 2 + 1)


Cluster.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
test_whatever_happens_everybody_ends_with_the_owners_truth = Cluster.TestCase


def lone(name: str = "here") -> State:
    return State(name, lambda _topic, _is_join: None)


def test_who_came_and_went_in_one_batch_is_never_told() -> None:
    state = lone()
    state.add(1, "room:1", "a", b"1")
    state.remove(1)
    assert not state.take_diff("room:1")
    assert state.delta() is None


def test_one_delta_tells_what_an_update_took_and_gave() -> None:
    state = lone()
    state.add(1, "room:1", "a", b"1")
    assert state.delta() == Delta("here", 0, 1, {"room:1": [(1, "a", "1")]}, [])
    state.remove(1)
    state.add(2, "room:1", "a", b"2")
    assert state.delta() == Delta("here", 1, 2, {"room:1": [(2, "a", "2")]}, [1])


def test_a_gap_is_asked_about_once_until_the_next_heartbeat() -> None:
    here, there = lone(), lone("there")
    there.add(1, "room:1", "a", b"1")
    there.delta()
    for number in (2, 3):
        there.add(number, "room:1", "a", b"%d" % number)
        delta = there.delta()
        assert delta is not None
        assert here.receive(delta, 0) == ([Answer(Wanted("there", "here"))] if number == 2 else [])
    assert here.receive(there.heartbeat(), 0) == [Answer(Wanted("there", "here"))]
    [answer] = there.receive(Wanted("there", "here"), 0)
    assert isinstance(answer.message, Snapshot)
    assert answer.to == "here"
    assert here.receive(answer.message, 0) == []
    assert here.people("room:1") == {"a": (b"1", b"2", b"3")}


def test_those_who_share_a_key_come_and_go_one_by_one() -> None:
    state = lone()
    for number in range(1, 4):
        state.add(number, "room:1", "visitors", b"%d" % number)
    assert state.people("room:1") == {"visitors": (b"1", b"2", b"3")}
    state.remove(2)
    assert state.people("room:1") == {"visitors": (b"1", b"3")}
    state.remove(1)
    state.remove(3)
    assert state.people("room:1") == {}


def test_a_process_that_slept_blames_nobody() -> None:
    here, there = lone(), lone("there")
    here.receive(there.heartbeat(), now=0)
    here.postpone(60)
    assert here.expire(before=60 - PATIENCE) == []
    assert here.expire(before=61) == ["there"]


def test_nothing_is_kept_of_those_who_are_gone() -> None:
    here, there = lone(), lone("there")
    there.add(1, "room:1", "a", b"1")
    delta = there.delta()
    assert delta is not None
    here.receive(delta, 0)
    here.take_diff("room:1")
    here.receive(Gone("there"), 0)
    assert here.take_diff("room:1").encoded() == b'{"joins":{},"leaves":{"a":{"metas":[1]}}}'
    assert (here._topics, here._replicas, here._diffs) == ({}, {}, {})


def test_a_snapshot_holds_nobody_whose_leaving_would_not_be_told() -> None:
    here, there = lone(), lone("there")
    there.add(1, "room:1", "a", b"1")
    answers = there.receive(Wanted("there", "here"), 0)
    there.remove(1)
    delta = there.delta()
    for message in (*(answer.message for answer in answers), delta):
        assert message is not None
        here.receive(message, 0)
    assert here.people("room:1") == {}
