"""Lists that are followed over a channel: `stream:<name>`, `stream:<name>:<argument>:…`.

    StreamChannel({"posts": open_posts})

Opening a stream says whether this person may follow the topic, and gives its source. The rows are read with the scope
of the topic's audience, never with that of whoever joins: a source is the same for everybody, so what members may read
and what visitors may read are two topics. One feed a topic and process serves all who follow it.

A client joins with `{"epoch", "seq"}` of where it was, or without, and with the `"query"` that narrows the list
(`web/live/topics.py`), and gets `{"epoch", "seq", "ops"}`; then `diff` brings the same, and `"from"`: who is at that
number or a greater one, but not yet at `seq`, gets there with these operations. Where both are equal the operations
have no number, and are for all who are not further. The numbers mean the same in every process. A client asks `page`
with `{"after": key}` or `{"before": key}` for what is next to the rows it has, and gets
`{"epoch", "seq", "rows", "more"}`.
docs/decisions/0014-streams.md says why that makes the same list for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast, override, runtime_checkable

from myapp.accounts import Principal
from myapp.kit import channels
from myapp.kit.channels import Channel, Payload, Rate, Refused, Socket
from myapp.kit.errors import AppError
from myapp.kit.pubsub import Resync
from myapp.kit.streams import Diff, Feed, Key, Source
from myapp.web.channels.admission import Admission
from myapp.web.live.topics import digest, is_digest

type Open = Callable[[Principal, Sequence[str], str], Awaitable[Source]]
"""Takes who asks, the topic's arguments, and the query that narrows it, or "".

Raises an AppError for who may not follow it, and Refused for a query that is not written in the one right way.
"""


@runtime_checkable
class Writable(Source, Protocol):
    """A source that also takes messages, from whoever may send them."""

    async def handle(self, event: str, payload: Mapping[str, Any], who: Principal) -> Payload:
        """Do it as this person, and answer. Raises an AppError or Refused."""
        ...


@runtime_checkable
class Guarded(Source, Protocol):
    """A source that one may lose the right to by more than one's place in the organisation."""

    @property
    def doors(self) -> Collection[str]:
        """What PubSub tells of that on."""
        ...

    def shuts_out(self, event: object, who: Principal) -> bool:
        """Whether this person may have lost it by this event: the stream is opened for them again, or closed."""
        ...


MAX_KEY = 8  # values
MAX_VALUE = 200  # characters of one
MAX_QUERY = 4000  # characters, as in an address
LINGER = 60.0  # seconds without a follower: who was cut off for a moment is to find the log again
TICK = 30.0  # seconds between two messages that say how far a quiet list is known
NARROWED = 5.0  # the same for a list with filters: somebody who types leaves a trail of them


@dataclass(slots=True)
class _Followed:
    feed: Feed
    linger: float
    followers: int = 0
    ending: asyncio.TimerHandle | None = None


class StreamChannel(Channel):
    """Answers for all streams; `streams` says how each is opened."""

    rate: ClassVar[Rate | None] = Rate(120, 60)  # pages, while somebody scrolls
    rates: ClassVar[Mapping[str, Rate]] = {"create": Rate(20, 60)}

    def __init__(self, streams: Mapping[str, Open]) -> None:
        self._streams = streams
        self._followed: dict[str, _Followed] = {}
        self._admission = Admission(self._open)
        self._tick: asyncio.TimerHandle | None = None

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        self._admission.watch(socket)
        query = _query(params, topic)
        source = await self._open(socket.assigns["who"], topic, query)
        if isinstance(source, Guarded):
            for door in source.doors:
                socket.subscribe(door)
            source = await self._open(socket.assigns["who"], topic, query)  # it may have been shut before they listened
        followed = self._follow(topic, source, NARROWED if query else LINGER)
        try:
            opening = await followed.feed.opening(params)
        except BaseException:
            self._unfollow(topic, followed)
            raise
        socket.assigns["followed"] = followed
        return opening

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        """Something happened at one of the doors of a `Guarded` source."""
        source, who = cast("_Followed", socket.assigns["followed"]).feed.source, socket.assigns["who"]
        if isinstance(event, Resync) or (isinstance(source, Guarded) and source.shuts_out(event, who)):
            try:
                await self._open(who, socket.topic)
            except (Refused, AppError):
                socket.close()

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Payload:
        feed = cast("_Followed", socket.assigns["followed"]).feed
        match event, payload:
            case "page", {"after": after}:
                return await feed.page(after=_key(after))
            case "page", {"before": before}:
                return await feed.page(before=_key(before))
            case _ if isinstance(feed.source, Writable) and isinstance(payload, dict):
                return await feed.source.handle(event, cast("Mapping[str, Any]", payload), socket.assigns["who"])
            case _:
                raise Refused("unknown event")

    @override
    async def terminate(self, reason: str, socket: Socket) -> None:
        followed: _Followed | None = socket.assigns.pop("followed", None)
        if followed is not None:
            self._unfollow(socket.topic, followed)

    @override
    def close(self) -> None:
        self._admission.close()
        if self._tick is not None:
            self._tick.cancel()
        for topic, followed in tuple(self._followed.items()):
            self._end(topic, followed)

    async def _open(self, who: Principal, topic: str, query: str = "") -> Source:
        """Without its query: the whole list, which is for the same people."""
        _, name, *arguments = topic.split(":")
        if name not in self._streams:
            raise Refused("unmatched topic")
        if arguments and is_digest(arguments[-1]):
            arguments.pop()
        return await self._streams[name](who, arguments, query)

    def _follow(self, topic: str, source: Source, linger: float) -> _Followed:
        followed = self._followed.get(topic)
        if followed is None:
            followed = self._followed[topic] = _Followed(Feed(source, lambda diff: _tell(topic, diff)), linger)
        followed.followers += 1
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(TICK, self._tell_positions)
        if followed.ending is not None:
            followed.ending.cancel()
            followed.ending = None
        return followed

    def _tell_positions(self) -> None:
        """As long as somebody follows something."""
        for followed in self._followed.values():
            followed.feed.tell_position()
        later = asyncio.get_running_loop().call_later
        self._tick = later(TICK, self._tell_positions) if self._followed else None

    def _unfollow(self, topic: str, followed: _Followed) -> None:
        followed.followers -= 1
        if not followed.followers and self._followed.get(topic) is followed:
            loop = asyncio.get_running_loop()
            followed.ending = loop.call_later(followed.linger, self._end, topic, followed)

    def _end(self, topic: str, followed: _Followed) -> None:
        if followed.ending is not None:
            followed.ending.cancel()
        del self._followed[topic]
        followed.feed.close()


def _tell(topic: str, diff: Diff) -> None:
    channels.local_broadcast(topic, "diff", diff.payload())


def _query(params: Mapping[str, Any], topic: str) -> str:
    """The query that narrows the list, whose name is the last argument of the topic."""
    query, last = params.get("query", ""), topic.rpartition(":")[2]
    if not isinstance(query, str) or len(query) > MAX_QUERY:
        raise Refused("unmatched topic")
    if (digest(query) if query else "") != (last if is_digest(last) else ""):
        raise Refused("unmatched topic")
    return query


def _key(value: object) -> Key:
    """The key that a client names; it is only looked up, so it may be any."""
    if isinstance(value, list) and 0 < len(value) <= MAX_KEY and all(map(_is_plain, value)):
        return tuple(value)
    raise Refused("invalid key")


def _is_plain(value: object) -> bool:
    return (isinstance(value, str) and len(value) <= MAX_VALUE) or (type(value) is int and abs(value) < 1 << 63)
