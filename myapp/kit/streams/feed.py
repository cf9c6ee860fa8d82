"""What a server process knows of a topic that somebody follows: it hears events, looks, and tells what has changed.

    feed = Feed(PublishedPosts(audience), tell=lambda diff: …)
    opening = await feed.opening(params)      # the reply to a join
    feed.close()

An event is a reason to look, not the news itself. For every row that events name, the feed asks its source what the
row is now: a row that the audience may read is inserted, one it may not (or no longer) read is deleted. Looking is one
query for all rows that were named while the last query ran, whatever the number of followers. Therefore it does not
matter which process committed, in which order events arrive, or how often; only one that never arrives does. Of that
PubSub tells by `Resync`, and the feed sends the first page anew.

Positions are those of the events (`pubsub.follow`), which have the same numbers in every process. So they mean the same
everywhere: whoever comes from another process is told the rows that events after their position were about, as those
rows are now. What was told before there was a follower is in the history of PubSub.

What always holds: at position n a feed has told what it saw after each event up to n, and whoever gets an opening at n,
and the diffs that lead on from there, has the list.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextvars import Context
from typing import Any

from myapp.kit import pubsub
from myapp.kit.pubsub import Position, Resync
from myapp.kit.streams.log import Diff, Log, Numbered
from myapp.kit.streams.operations import Change, Delete, Insert, Key, Reset, Row, to_wire
from myapp.kit.streams.people import People
from myapp.kit.streams.source import ALL, All, Page, ShowsPeople, Source

log = logging.getLogger(__name__)

TOO_MANY = 100  # rows that wait to be looked up, before the list is read anew instead
FRESH = 5.0  # seconds that a first page is good for, if nothing happens: what no event tells of may change
AGAIN = 1.0  # seconds after a failed look-up, before the list is read anew


class Feed:
    """One topic in one process. `tell` is called with every diff."""

    def __init__(self, source: Source, tell: Callable[[Diff], None]) -> None:
        self.source = source
        self._tell = tell
        self._following = pubsub.follow(source.topics, self._hear)
        self._reached = self._following.position
        self._log = Log(self._reached)
        self._waiting: dict[str, int] | All = {}  # the number of the last event about each row; 0 for none
        self._people = People()
        self._changed_people: dict[str, int] = {}
        self._untold = -1  # the number of the last change of a person that followers of this process do not see
        self._has_read = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._first: _Opening | None = None
        self._recalling = asyncio.Lock()

    @property
    def position(self) -> Position:
        """Up to where everything that happened has been looked at and told."""
        if self._is_idle:
            self._reached = self._following.position
        return self._reached

    @property
    def _is_idle(self) -> bool:
        return self._task is None and self._timer is None

    def tell_position(self) -> None:
        """Tell followers how far they have got, though nothing has happened to the list: other processes may be younger
        than the last thing that did."""
        position = self.position
        if position.epoch == self._log.position.epoch and position.seq > self._log.position.seq:
            self._tell_all(self._log.append(position, []))

    def _tell_all(self, diffs: Iterable[Diff]) -> None:
        for diff in diffs:
            self._tell(diff)

    def close(self) -> None:
        """Hear nothing more, and stop what is under way."""
        self._following.cancel()
        for pending in (self._task, self._timer, self._first):
            if pending is not None:
                pending.cancel()

    async def opening(self, params: Mapping[str, Any]) -> dict[str, object]:
        """The reply to whoever joins: what they missed since the position in `params`, else the list from its head."""
        epoch, seq = params.get("epoch"), params.get("seq")
        if isinstance(epoch, str) and type(seq) is int:
            missed = await self._missed(Position(epoch, seq))
            if missed is not None:
                return missed
        return await self._head().payload()

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> dict[str, object]:
        """The reply to whoever asks for more. Raises NotFound."""
        position = self.position  # before it is read: what comes after it, the client applies once more
        page = await self._read(after=after, before=before)
        return {"epoch": position.epoch, "seq": position.seq, "rows": page.rows, "more": page.has_more}

    def _head(self) -> _Opening:
        """The first page. One query for all who ask meanwhile, and for those who come before anything is told."""
        if self._first is None or not self._first.is_good:
            self._first = _Opening(self.position, self._read)
        return self._first

    async def _read(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        moment = self._people.moment
        page = await self.source.page(after=after, before=before)
        self._has_read = True
        self._sent(page.rows, moment)
        return page

    def _sent(self, rows: Iterable[Row], moment: int) -> None:
        """Remember whom they show; who is called something else by now is looked up again."""
        if isinstance(self.source, ShowsPeople):
            field = self.source.person_field
            self._look_at_people(self._people.send([row[field] for row in rows], since=moment), 0)

    def _look_at_people(self, ids: Iterable[str], seq: int) -> None:
        self._changed_people.update((each, seq or self._changed_people.get(each, 0)) for each in ids)
        if self._changed_people:
            self._start()

    async def _missed(self, since: Position) -> dict[str, object] | None:
        """What leads from a position to here; None when that is not known for sure."""
        if since.epoch == self._log.position.epoch and since.seq < self._log.floor:
            await self._recall(since.seq)
        if isinstance(self.source, ShowsPeople):
            if since.seq < self._untold:
                return None
            if not self._has_read:  # to know whom those may see who have their rows from elsewhere
                await self._head().payload()
        here, missed = self.position, self._log.since(since)
        if missed is None or here.epoch != since.epoch or not self._following.is_whole:
            return None
        operations = [to_wire(each) for each in missed]
        return {"epoch": here.epoch, "seq": max(here.seq, since.seq), "ops": operations}

    async def _recall(self, seq: int) -> None:
        """Look at what was touched after a number and before there was this feed, for who comes from elsewhere."""
        async with self._recalling:
            floor, epoch = self._log.floor, self._log.position.epoch
            past = self._following.missed(seq) if seq < floor else None
            touched: dict[str, int] = {}
            for number, event in past or ():
                rows = self.source.touched(event) if number <= floor else ()
                if isinstance(rows, All) or self._person_in(event) is not None:
                    return
                touched |= dict.fromkeys(rows, number)
            if past is None or len(touched) > TOO_MANY:
                return
            operations = await self._look(touched) if touched else []
            if (self._log.floor, self._log.position.epoch) == (floor, epoch):
                self._log.recall(seq, operations)

    def _person_in(self, event: object) -> str | None:
        return self.source.changed_person(event) if isinstance(self.source, ShowsPeople) else None

    def _hear(self, seq: int | None, event: object) -> None:
        if self._is_idle and seq:
            self._reached = Position(self._following.position.epoch, seq - 1)
        person = self._person_in(event)
        if person is not None:
            if self._people.change(person):
                self._look_at_people([person], seq or 0)
            else:
                self._untold = seq or self._untold
            return
        if isinstance(event, Resync):
            self._untold = -1  # nobody is told what they missed before it
        touched = ALL if isinstance(event, Resync) else self.source.touched(event)
        if isinstance(self._waiting, All) or not (touched is ALL or touched):
            return
        if touched is not ALL:
            self._waiting.update((row_id, seq or self._waiting.get(row_id, 0)) for row_id in touched)
        if touched is ALL or len(self._waiting) > TOO_MANY:
            self._waiting = ALL
        self._start()

    def _start(self) -> None:
        if self._is_idle:
            self._task = _task(self._work_off())

    async def _work_off(self) -> None:
        try:
            while self._waiting or self._changed_people:
                waiting, self._waiting = self._waiting, {}
                people, self._changed_people = self._changed_people, {}
                position = self._following.position  # everything up to it is told with these, or has been
                operations = await self._look_up(people) if people else []
                operations += await self._look(waiting) if waiting else []
                if operations:
                    self._first = None
                    self._tell_all(self._log.append(position, operations))
                self._reached = position
        except Exception:
            log.exception("a stream could not be read; it is read anew")
            self._waiting = ALL
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._try_again)
        finally:
            self._task = None

    def _try_again(self) -> None:
        self._timer = None
        self._start()

    async def _look_up(self, people: Mapping[str, int]) -> list[Numbered]:
        source = self.source
        if not isinstance(source, ShowsPeople):
            return []
        if source.person_field == "id":
            return await self._look(people)
        shown, field = await source.portraits(people.keys()), source.person_field
        return [(seq, Change(field, each, shown[each])) for each, seq in people.items() if each in shown]

    async def _look(self, waiting: Mapping[str, int] | All) -> list[Numbered]:
        if isinstance(waiting, All):
            page = await self._read()
            return [(0, Reset(tuple(page.rows), page.has_more))]
        moment = self._people.moment
        found = {row["id"]: row for row in await self.source.load(waiting.keys())}
        self._sent(found.values(), moment)
        return [(seq, Insert(found[row_id]) if row_id in found else Delete(row_id)) for row_id, seq in waiting.items()]


class _Opening:
    """A first page that is read from now on, and where the topic stands now.

    Whoever joins before anything is told may have it too; after that it would leave a gap.
    """

    def __init__(self, position: Position, read: Callable[[], Coroutine[Any, Any, Page]]) -> None:
        self._position = position
        self._read_at = time.monotonic()
        self._page = _task(read())

    @property
    def is_good(self) -> bool:
        """Whether it will do for somebody who joins now, if nothing was told since."""
        has_failed = self._page.done() and (self._page.cancelled() or self._page.exception() is not None)
        return time.monotonic() - self._read_at < FRESH and not has_failed

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
