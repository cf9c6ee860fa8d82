"""What a server process knows of a topic that somebody follows: it hears events, looks, and tells what has changed.

    feed = Feed(PublishedPosts(audience), tell=lambda diff: …)
    opening = await feed.opening(params)      # the reply to a join
    feed.close()

An event is a reason to look, not the news itself. For every row that events name, the feed asks its source what the
row is now: a row that the audience may read is inserted, one it may not (or no longer) read is deleted. Looking is one
query for all rows that were named while the last query ran, whatever the number of followers, and one after the other,
so that operations are numbered in the order in which they were looked up. Therefore it does not matter which process
committed, in which order events arrive, or how often; only one that never arrives does. Of that PubSub tells by
`Resync`, and the feed sends the first page anew.

What always holds: whoever gets an opening at number n, and the diffs from n + 1 on, has the list.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from myapp.kit import pubsub
from myapp.kit.pagination import KeysetPage
from myapp.kit.pubsub import Resync, Subscription
from myapp.kit.streams.log import Diff, Log, Position
from myapp.kit.streams.operations import Change, Delete, Insert, Key, Operation, Reset, Row, to_wire
from myapp.kit.streams.people import People

log = logging.getLogger(__name__)

TOO_MANY = 100  # rows that wait to be looked up, before the list is read anew instead
FRESH = 5.0  # seconds that a first page is good for, if nothing happens: what no event tells of may change
AGAIN = 1.0  # seconds after a failed look-up, before the list is read anew


class All(Enum):
    """Said of an event after which any row may be another."""

    ALL = "all"


ALL = All.ALL


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list, and whether it goes on in the direction that was asked for."""

    rows: Sequence[Row]
    has_more: bool

    @classmethod
    def of[T](cls, found: KeysetPage[T], row: Callable[[T], Row], *, before: Key | None = None) -> Page:
        """A page that a context has found, its entries as rows; `before` is the key that it was asked for."""
        return cls([row(entry) for entry in found.entries], bool(found.after if before is None else found.before))


class Source(Protocol):
    """One list as one audience may read it. It is the same for everybody who follows the topic."""

    @property
    def topics(self) -> Collection[str]:
        """What PubSub tells its changes on."""
        ...

    def touched(self, event: object) -> Collection[str] | All:
        """The ids of the rows that may be others after this event; ALL for any."""
        ...

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        """Those of these rows that are in the list, as they are now."""
        ...

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        """The rows behind or ahead of a key, or the first ones. Raises NotFound for a key that can't be one."""
        ...


@runtime_checkable
class ShowsPeople(Protocol):
    """A source whose rows show people, by the id in `person_field`.

    Where that is the id of the row, the person is the row, and it is loaded anew. Else `portraits` says what the rows
    of a person show of them.
    """

    person_field: str

    def changed_person(self, event: object) -> str | None:
        """Whose name or picture is another after this event."""
        ...

    async def portraits(self, ids: Collection[str]) -> Mapping[str, Row]:
        """What rows show of these people now, by the people's ids."""
        ...


class Feed:
    """One topic in one process. `tell` is called with every diff."""

    def __init__(self, source: Source, tell: Callable[[Diff], None]) -> None:
        self.source = source
        self._tell = tell
        self._log = Log()
        self._waiting: dict[str, None] | All = {}
        self._people = People()
        self._changed_people: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._first: _Opening | None = None
        self._subscriptions: list[Subscription] = [pubsub.subscribe(topic, self._hear) for topic in source.topics]

    @property
    def position(self) -> Position:
        """Where the topic stands now."""
        return self._log.position

    def close(self) -> None:
        """Hear nothing more, and stop what is under way."""
        for subscription in self._subscriptions:
            subscription.cancel()
        for pending in (self._task, self._timer, self._first):
            if pending is not None:
                pending.cancel()

    async def opening(self, params: Mapping[str, Any]) -> dict[str, object]:
        """The reply to whoever joins: what they missed since the position in `params`, else the list from its head."""
        epoch, seq = params.get("epoch"), params.get("seq")
        if isinstance(epoch, str) and type(seq) is int:
            missed = self._log.since(epoch, seq)
            if missed is not None:
                operations = [to_wire(each) for diff in missed for each in diff.operations]
                return {"epoch": epoch, "seq": self._log.seq, "ops": operations}
        return await self._head().payload()

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> dict[str, object]:
        """The reply to whoever asks for more. Raises NotFound."""
        position = self._log.position  # before it is read: what comes after it, the client applies once more
        page = await self._read(after=after, before=before)
        return {"epoch": position.epoch, "seq": position.seq, "rows": page.rows, "more": page.has_more}

    def _head(self) -> _Opening:
        """The first page. One query for all who ask meanwhile, and for those who come before anything happens."""
        seq, first = self._log.seq, self._first
        if first is None or not first.is_good(seq):
            first = self._first = _Opening(self._log.position, self._read)
        return first

    async def _read(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        moment = self._people.moment
        page = await self.source.page(after=after, before=before)
        self._sent(page.rows, moment)
        return page

    def _sent(self, rows: Iterable[Row], moment: int) -> None:
        """Remember whom they show; who is called something else by now is looked up again."""
        if isinstance(self.source, ShowsPeople):
            field = self.source.person_field
            self._look_at_people(self._people.send([row[field] for row in rows], since=moment))

    def _look_at_people(self, ids: Iterable[str]) -> None:
        self._changed_people.update(dict.fromkeys(ids))
        if self._changed_people:
            self._start()

    def _hear(self, _topic: str, event: object) -> None:
        person = self.source.changed_person(event) if isinstance(self.source, ShowsPeople) else None
        if person is not None:
            if self._people.change(person):
                self._look_at_people([person])
            return
        touched = ALL if isinstance(event, Resync) else self.source.touched(event)
        if isinstance(self._waiting, All) or not (touched is ALL or touched):
            return
        if touched is not ALL:
            self._waiting.update(dict.fromkeys(touched))
        if touched is ALL or len(self._waiting) > TOO_MANY:
            self._waiting = ALL
        self._start()

    def _start(self) -> None:
        if self._task is None and self._timer is None:
            self._task = _task(self._work_off())

    async def _work_off(self) -> None:
        try:
            while self._waiting or self._changed_people:
                waiting, self._waiting = self._waiting, {}
                people, self._changed_people = self._changed_people, {}
                operations = await self._look_up(people) if people else []
                operations += await self._look(waiting) if waiting else []
                if operations:
                    self._tell(self._log.append(operations))
        except Exception:
            log.exception("a stream could not be read; it is read anew")
            self._waiting = ALL
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._try_again)
        finally:
            self._task = None

    def _try_again(self) -> None:
        self._timer = None
        self._start()

    async def _look_up(self, people: Mapping[str, None]) -> list[Operation]:
        source = self.source
        if not isinstance(source, ShowsPeople):
            return []
        if source.person_field == "id":
            return await self._look(people)
        portraits = await source.portraits(people.keys())
        return [Change(source.person_field, each, portraits[each]) for each in people if each in portraits]

    async def _look(self, waiting: Mapping[str, None] | All) -> list[Operation]:
        if isinstance(waiting, All):
            page = await self._read()
            return [Reset(tuple(page.rows), page.has_more)]
        moment = self._people.moment
        found = {row["id"]: row for row in await self.source.load(waiting.keys())}
        self._sent(found.values(), moment)
        return [Insert(found[row_id]) if row_id in found else Delete(row_id) for row_id in waiting]


class _Opening:
    """A first page that is read from now on, and where the topic stands now.

    Whoever joins later at the same number may have it too; after that it would leave a gap.
    """

    def __init__(self, position: Position, read: Callable[[], Coroutine[Any, Any, Page]]) -> None:
        self._position = position
        self._read_at = time.monotonic()
        self._page = _task(read())

    def is_good(self, seq: int) -> bool:
        """Whether it will do for somebody who joins at this number."""
        has_failed = self._page.done() and (self._page.cancelled() or self._page.exception() is not None)
        return seq == self._position.seq and time.monotonic() - self._read_at < FRESH and not has_failed

    async def payload(self) -> dict[str, object]:
        """The reply to a join. One who leaves meanwhile takes the page from nobody else."""
        page = await asyncio.shield(self._page)
        reset = to_wire(Reset(tuple(page.rows), page.has_more))
        return {"epoch": self._position.epoch, "seq": self._position.seq, "ops": [reset]}

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        self._page.cancel()


def _task[T](work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task with nothing of whoever happens to start it: their transaction and language are none of its business."""
    return asyncio.create_task(work, context=Context())
