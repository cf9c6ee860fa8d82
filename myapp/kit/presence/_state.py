"""Who is where, as one process knows it: pure, so that every order of messages and losses can be tested.

    state = State("ada1", on_change)
    state.add(1, "room:1", "7", meta)
    delta = state.delta()                       # to be told to the other processes
    answers = state.receive(message, now=12.5)  # what one of them said, and what to say to it

Every process owns the people whose connections it holds, and alone changes them; of the others it keeps a copy each.
As no two processes write the same thing, copies need no merging: they are right, or too old, and their version says
which. `Phoenix.Tracker` merges delta CRDTs for the same purpose
(https://hexdocs.pm/phoenix_pubsub/Phoenix.Tracker.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from myapp.kit.presence._diff import Diff, Metas
from myapp.kit.presence._messages import Delta, Gone, Heartbeat, Message, Rows, Snapshot, Wanted

type OnChange = Callable[[str, bool], None]
"""Called with the topic, and whether it was somebody who came (or went)."""

type _Kept = bytes | dict[bytes, None]
"""The metas of one key: mostly one, but all the visitors of a site may share a key."""


class Entry(NamedTuple):
    topic: str
    key: str
    meta: bytes


class Answer(NamedTuple):
    """A message for all other processes, or for one alone."""

    message: Message
    to: str | None = None


class _Replica:
    """What is known of another process."""

    __slots__ = ("entries", "has_asked", "heard_at", "version")

    def __init__(self, heard_at: float) -> None:
        self.version = 0
        self.entries: dict[int, Entry] = {}
        self.heard_at = heard_at
        self.has_asked = False


class State:
    """The people of this process and of the others, by topic."""

    def __init__(self, node: str, on_change: OnChange) -> None:
        self.node = node
        self._on_change = on_change
        self._version = 0
        self._own: dict[int, Entry] = {}
        self._untold_joins: dict[int, Entry] = {}
        self._untold_leaves: list[int] = []
        self._replicas: dict[str, _Replica] = {}
        self._topics: dict[str, dict[str, _Kept]] = {}
        self._diffs: dict[str, Diff] = {}

    # What this process's clients need.

    def people(self, topic: str) -> dict[str, Metas]:
        """Everybody on a topic, in all processes."""
        people = self._topics.get(topic, {})
        return {key: (kept,) if isinstance(kept, bytes) else tuple(kept) for key, kept in people.items()}

    @property
    def size(self) -> tuple[int, int]:
        """How many topics anybody is on, and how many are here in this process."""
        return len(self._topics), len(self._own)

    def take_diff(self, topic: str) -> Diff:
        """What has changed on a topic since this was asked last."""
        return self._diffs.pop(topic, None) or Diff()

    # What this process changes itself.

    def add(self, number: int, topic: str, key: str, meta: bytes) -> None:
        """Somebody is there. No two may have the same number, nor the same meta."""
        entry = Entry(topic, key, meta)
        self._own[number] = self._untold_joins[number] = entry
        self._join(entry)

    def remove(self, number: int) -> None:
        """It is there no more. Raises KeyError for one that is not."""
        entry = self._own.pop(number)
        if self._untold_joins.pop(number, None) is None:
            self._untold_leaves.append(number)
        self._leave(entry)

    # What the processes tell each other.

    def delta(self) -> Delta | None:
        """What the others have not been told yet; None when they know it all."""
        if not (self._untold_joins or self._untold_leaves):
            return None
        joins, leaves = _rows(self._untold_joins), self._untold_leaves
        self._untold_joins, self._untold_leaves = {}, []
        self._version += 1
        return Delta(self.node, self._version - 1, self._version, joins, leaves)

    def heartbeat(self, *, is_question: bool = False) -> Heartbeat:
        return Heartbeat(self.node, self._version, is_question)

    def receive(self, message: Message, now: float) -> list[Answer]:
        """Take in what another process said; what to say to that."""
        match message:
            case Wanted(node):
                return self._tell_all(message.asker) if node == self.node else []
            case Gone(node):
                self._forget(node)
                return []
            case _ if message.node == self.node:
                return []
            case Heartbeat():
                return self._on_heartbeat(message, now)
            case Delta():
                return self._on_delta(message, now)
            case Snapshot():
                self._on_snapshot(message, now)
                return []

    def expire(self, before: float) -> list[str]:
        """Forget the processes that were not heard since then, and everybody in them; their names."""
        silent = [node for node, replica in self._replicas.items() if replica.heard_at < before]
        for node in silent:
            self._forget(node)
        return silent

    def postpone(self, seconds: float) -> None:
        """This process was asleep so long: the others were not silent, it did not listen."""
        for replica in self._replicas.values():
            replica.heard_at += seconds

    def _tell_all(self, asker: str) -> list[Answer]:
        """The delta comes first, for everybody: a snapshot is of a version, and nothing untold is in it."""
        delta = self.delta()
        answers = [] if delta is None else [Answer(delta)]
        return [*answers, Answer(Snapshot(self.node, self._version, _rows(self._own)), asker)]

    def _on_heartbeat(self, message: Heartbeat, now: float) -> list[Answer]:
        replica = self._heard(message.node, now)
        answers = [Answer(self.heartbeat())] if message.is_question else []
        if replica.version < message.version:
            replica.has_asked = False  # an answer that did not come by now may never come
            answers += self._ask(message.node, replica)
        return answers

    def _on_delta(self, message: Delta, now: float) -> list[Answer]:
        replica = self._heard(message.node, now)
        if message.version <= replica.version:
            return []
        if message.since != replica.version:
            return self._ask(message.node, replica)
        replica.version = message.version
        for number in message.leaves:
            entry = replica.entries.pop(number, None)
            if entry is not None:
                self._leave(entry)
        for number, entry in _entries(message.joins):
            replica.entries[number] = entry
            self._join(entry)
        return []

    def _on_snapshot(self, message: Snapshot, now: float) -> None:
        replica = self._heard(message.node, now)
        if message.version <= replica.version:
            return
        replica.version, replica.has_asked = message.version, False
        before, replica.entries = replica.entries, {}
        for number, entry in _entries(message.joins):
            known = before.pop(number, None)
            replica.entries[number] = known or entry
            if known is None:
                self._join(entry)
        for entry in before.values():
            self._leave(entry)

    def _heard(self, node: str, now: float) -> _Replica:
        replica = self._replicas.get(node)
        if replica is None:
            replica = self._replicas[node] = _Replica(now)
        replica.heard_at = now
        return replica

    def _ask(self, node: str, replica: _Replica) -> list[Answer]:
        if replica.has_asked:
            return []
        replica.has_asked = True
        return [Answer(Wanted(node, self.node))]

    def _forget(self, node: str) -> None:
        replica = self._replicas.pop(node, None)
        if replica is not None:
            for entry in replica.entries.values():
                self._leave(entry)

    def _join(self, entry: Entry) -> None:
        topic, key, meta = entry
        people = self._topics.setdefault(topic, {})
        kept = people.get(key)
        if kept is None:
            people[key] = meta
        elif isinstance(kept, bytes):
            people[key] = {kept: None, meta: None}
        else:
            kept[meta] = None
        self._diffs.setdefault(topic, Diff()).join(key, meta)
        self._on_change(topic, True)

    def _leave(self, entry: Entry) -> None:
        topic, key, meta = entry
        people = self._topics[topic]
        kept = people[key]
        if isinstance(kept, dict):
            del kept[meta]
        if isinstance(kept, bytes) or not kept:
            del people[key]
            if not people:
                del self._topics[topic]
        self._diffs.setdefault(topic, Diff()).leave(key, meta)
        self._on_change(topic, False)


def _rows(entries: Mapping[int, Entry]) -> Rows:
    rows: Rows = {}
    for number, (topic, key, meta) in entries.items():
        rows.setdefault(topic, []).append((number, key, meta.decode()))
    return rows


def _entries(rows: Rows) -> Iterable[tuple[int, Entry]]:
    for topic, people in rows.items():
        for number, key, meta in people:
            yield number, Entry(topic, key, meta.encode())
