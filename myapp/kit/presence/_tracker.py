"""Tells this process's clients who is there, and the other processes who is here."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import orjson

from myapp.kit import channels, pubsub, telemetry
from myapp.kit.channels import Socket
from myapp.kit.presence._diff import encoded
from myapp.kit.presence._messages import Delta, Gone, Heartbeat, Message, Snapshot, Wanted
from myapp.kit.presence._pace import Pace
from myapp.kit.presence._state import State
from myapp.kit.supervisor import beside

log = logging.getLogger(__name__)

type Meta = dict[str, Any]

EVERY_PROCESS = "presence"
PERIOD = 0.1  # seconds from one message about a topic to the next
AT_ONCE = 32 << 20  # bytes of states in a period: 2.5 Gbit/s
HEARTBEAT = 5.0  # seconds
SWEEP = 5.0  # seconds from one look for the dead to the next
PATIENCE = 20.0  # seconds without a sign of life; with the time to the next look it is the longest that they are seen


class Tracked:
    """Somebody who was said to be on a topic; keep it to say more about them."""

    __slots__ = ("_number", "_online_at", "_tracker", "key", "topic")

    def __init__(self, tracker: Tracker, topic: str, key: str, meta: Mapping[str, object]) -> None:
        self._tracker = tracker
        self._online_at = str(int(time.time()))
        self.topic = topic
        self.key = key
        self._number: int | None = tracker.add(topic, key, {"online_at": self._online_at, **meta})

    @property
    def phx_ref(self) -> str | None:
        """The name of its meta, unlike any other; a new one after each update. None once it is untracked."""
        return None if self._number is None else self._tracker.ref(self._number)

    def update(self, meta: Mapping[str, object]) -> None:
        """Say something else about them in place of what was said; `online_at` stays. Does nothing once untracked."""
        if self._number is not None:
            before, self._number = self._number, None
            more = {"phx_ref_prev": self._tracker.ref(before)}
            self._tracker.remove(before)
            self._number = self._tracker.add(self.topic, self.key, {"online_at": self._online_at, **meta, **more})

    def untrack(self) -> None:
        """They are gone. May be called twice."""
        if self._number is not None:
            number, self._number = self._number, None
            self._tracker.remove(number)


class Tracker:
    """Everybody in all processes, as this one knows them."""

    def __init__(self, period: float, heartbeat: float, patience: float) -> None:
        self._node = secrets.token_urlsafe(9)
        self._state = State(self._node, self._on_change)
        self._numbers = count(1)
        self._period, self._heartbeat, self._patience = period, heartbeat, patience
        self._newcomers: dict[str, dict[Socket, None]] = {}
        self._paces: dict[str, Pace] = {}
        self._gossip = Pace(period, self._tell)
        self._has_stopped = False
        self._awake_at = time.monotonic()
        self._subscriptions = [
            pubsub.subscribe(EVERY_PROCESS, self._hear),
            pubsub.subscribe(f"{EVERY_PROCESS}:{self._node}", self._hear),
        ]

    def ref(self, number: int) -> str:
        return f"{self._node}{number:x}"

    def add(self, topic: str, key: str, meta: Mapping[str, object]) -> int:
        """Raises TypeError for what is no JSON."""
        number = next(self._numbers)
        body = orjson.dumps({**meta, "phx_ref": self.ref(number)}, option=orjson.OPT_UTC_Z)
        self._state.add(
            number, topic, key, bytes(memoryview(body))
        )  # a copy: orjson leaves 4 KiB of buffer behind its own
        self._gossip.soon()
        return number

    def remove(self, number: int) -> None:
        self._state.remove(number)
        self._gossip.later()

    def follow(self, socket: Socket) -> None:
        self._newcomers.setdefault(socket.topic, {})[socket] = None
        self._pace(socket.topic).soon()

    def figures(self) -> None:
        topics, here = self._state.size
        telemetry.execute("presence.state", {"topics": topics, "here": here})

    def list(self, topic: str) -> dict[str, dict[str, list[Meta]]]:
        people = self._state.people(topic)
        return {key: {"metas": [orjson.loads(meta) for meta in metas]} for key, metas in people.items()}

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Hear the others, and let them hear this one."""
        self._say(self._state.heartbeat(is_question=True))
        try:
            async with beside(self._keep_beating()):
                yield
        finally:
            for subscription in self._subscriptions:
                subscription.cancel()
            for pace in (self._gossip, *self._paces.values()):
                pace.cancel()
            self._say(Gone(self._node))
            self._has_stopped = True

    # Towards this process's clients.

    def _on_change(self, topic: str, is_join: bool) -> None:
        pace = self._pace(topic)
        if is_join:
            pace.soon()
        else:
            pace.later()

    def _pace(self, topic: str) -> Pace:
        pace = self._paces.get(topic)
        if pace is None:
            pace = Pace(self._period, lambda: self._flush(topic), lambda: self._rest(topic))
            self._paces[topic] = pace
        return pace

    def _rest(self, topic: str) -> None:
        del self._paces[topic]

    def _flush(self, topic: str) -> None:
        """The diff for those who know the rest, the state for those who do not: nobody gets what is in the other."""
        diff = self._state.take_diff(topic)
        if self._has_stopped:
            return
        if diff and channels.is_joined(topic):
            payload = orjson.Fragment(diff.encoded())
            channels.local_broadcast(topic, "presence_diff", payload, is_for=self._knows_the_rest)
        self._welcome(topic)

    def _knows_the_rest(self, socket: Socket) -> bool:
        """Whoever is behind gets the state, once there is room, in place of all that happens until then."""
        if socket in self._newcomers.get(socket.topic, ()):
            return False
        if socket.is_behind:
            self._newcomers.setdefault(socket.topic, {})[socket] = None
            return False
        return True

    def _welcome(self, topic: str) -> None:
        """Send the state to newcomers who are in and have room for it, so many in a period as the network can carry."""
        newcomers = {each: None for each in self._newcomers.pop(topic, ()) if not each.has_left}
        ready = [each for each in newcomers if each.is_in and not each.is_behind]
        if ready:
            state = encoded(self._state.people(topic))
            ready = ready[: max(1, AT_ONCE // len(state))]
            channels.push_to(ready, "presence_state", orjson.Fragment(state))
            for each in ready:
                del newcomers[each]
        if newcomers:
            self._newcomers[topic] = newcomers
            self._pace(topic).later()

    # Towards the other processes.

    def _tell(self) -> None:
        delta = self._state.delta()
        if delta is not None:
            self._say(delta)

    def _say(self, message: Message, to: str | None = None) -> None:
        if self._has_stopped:
            return
        topic = EVERY_PROCESS if to is None else f"{EVERY_PROCESS}:{to}"
        pubsub.broadcast_from(self._subscriptions[0], topic, message)

    def _hear(self, topic: str, event: object) -> None:
        match event:
            case Delta() | Snapshot() | Heartbeat() | Wanted() | Gone():
                for message, to in self._state.receive(event, time.monotonic()):
                    self._say(message, to)
            case pubsub.Resync() if topic == EVERY_PROCESS:
                self._say(self._state.heartbeat(is_question=True))
            case _:
                pass

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat)
            try:
                self._is_awake(time.monotonic())
                self._say(self._state.heartbeat())
            except Exception:
                log.exception("presence skips a heartbeat")

    def _is_awake(self, now: float) -> None:
        """One that slept did not listen: the others were not silent meanwhile. Whatever comes first says so."""
        late = now - self._awake_at - self._heartbeat
        if late > self._heartbeat:
            self._state.postpone(late)
        self._awake_at = now

    def sweep(self) -> None:
        """Nobody in a process that was silent for too long is present."""
        now = time.monotonic()
        self._is_awake(now)
        silent = self._state.expire(before=now - self._patience)
        for node in silent:
            log.info("the process %s was silent for %.0f s: nobody in it counts as present", node, self._patience)
            pubsub.resync(f"the process {node} is gone")  # it may have committed what it told nobody


_tracker: Tracker | None = None


def _current() -> Tracker:
    if _tracker is None:
        raise RuntimeError("presence is not started: application.py starts it beneath the channels")
    return _tracker


@asynccontextmanager
async def running(
    *, period: float = PERIOD, heartbeat: float = HEARTBEAT, patience: float = PATIENCE
) -> AsyncGenerator[None]:
    """Know who is present until the end of the block. All three are seconds; see their defaults.

    The dead are seen until `sweep` is called, which is for the scheduler.
    """
    global _tracker  # noqa: PLW0603 - the one place a process keeps who is present
    tracker = Tracker(period, heartbeat, patience)
    async with tracker.running():
        _tracker = tracker
        try:
            yield
        finally:
            _tracker = None


def track(where: Socket | str, key: str, meta: Mapping[str, object] | None = None) -> Tracked:
    """Say that somebody is on a topic, in every process.

    A socket stands for its topic: it is sent `presence_state`, and untracked when it leaves. With a topic's name it is
    for the caller to `untrack`. `key` says who it is, `meta` what others are to know, as JSON values (TypeError for
    others); `phx_ref` and `online_at` (seconds since 1970, as text) are added to it.
    """
    topic = where if isinstance(where, str) else where.topic
    tracked = Tracked(_current(), topic, key, meta or {})
    if not isinstance(where, str):
        where.on_leave(tracked.untrack)
        follow(where)
    return tracked


def follow(socket: Socket) -> None:
    """Send the socket `presence_state`, without it being present itself; `presence_diff` comes to all who joined.

    Whoever is behind with reading gets no diffs but, once there is room, the state again.
    """
    _current().follow(socket)


def list_(topic: str) -> dict[str, dict[str, list[Meta]]]:
    """Everybody on a topic: `{key: {"metas": [meta, …]}}`, one meta for each tab or device, oldest first."""
    return _current().list(topic)


async def sweep() -> None:
    """Look for processes that were not heard of for too long: the people in them are gone."""
    if _tracker is not None:
        _tracker.sweep()


def figures() -> None:
    """Execute `presence.state`: on how many `topics` anybody is, and how many are `here`, in this process."""
    if _tracker is not None:
        _tracker.figures()
