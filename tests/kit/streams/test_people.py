"""A name or picture that is another: told once for all rows that show the person, and of nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from myapp.kit import pubsub
from myapp.kit.pubsub import event
from myapp.kit.streams import ALL, All, Change, Diff, Feed, Insert, Key, Page, Replica, Row, Window, from_wire, to_wire
from myapp.kit.streams.people import People


@event("tests.renamed")
@dataclass(frozen=True)
class Renamed:
    """Somebody is called something else."""

    person_id: str


class Letters:
    """Letters by people, who are called as `names` says."""

    person_field: ClassVar[str] = "by"

    def __init__(self) -> None:
        self.names = {"ada": "Ada", "mei": "Mei"}
        self.by = {"a": "ada", "b": "ada", "c": "mei"}
        self.reads = 0
        self.looked_up: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    @property
    def topics(self) -> Collection[str]:
        return ["letters"]

    def row(self, row_id: str) -> Row:
        person = self.by[row_id]
        return {"id": row_id, "by": person, "name": self.names[person], "sort": [row_id], "version": 1}

    def touched(self, event: object) -> Collection[str] | All:
        return ALL

    def changed_person(self, event: object) -> str | None:
        return event.person_id if isinstance(event, Renamed) else None

    async def portraits(self, ids: Collection[str]) -> Mapping[str, Row]:
        self.looked_up.append(list(ids))
        return {each: {"name": self.names[each]} for each in ids}

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        return [self.row(each) for each in ids if each in self.by]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        self.reads += 1
        rows = [self.row(each) for each in self.by]
        self.began.set()
        await self.gate.wait()
        return Page(rows, has_more=False)


@pytest.fixture
def letters() -> Letters:
    return Letters()


class Reader:
    """A feed and a client of it."""

    def __init__(self, letters: Letters) -> None:
        self.heard = asyncio.Queue[Diff]()
        self.replica = Replica(descending=False)
        self.feed = Feed(letters, self.heard.put_nowait)

    async def join(self) -> None:
        self.replica.joined(_plain(await self.feed.opening({})))

    async def hear(self) -> list[Any]:
        diff = await asyncio.wait_for(self.heard.get(), 5)
        self.replica.heard(_plain(diff.payload()))
        return list(diff.operations)

    @property
    def names(self) -> list[str]:
        return [row["name"] for row in self.replica.window.rows]


def _plain(payload: Any) -> Any:
    return {**payload, "ops": [list(each) for each in payload["ops"]]}


async def test_one_operation_changes_all_rows_of_a_person_without_reading_the_list(letters: Letters) -> None:
    reader = Reader(letters)
    await reader.join()
    letters.names["ada"] = "Augusta"
    pubsub.broadcast("letters", Renamed("ada"))
    assert await reader.hear() == [Change("by", "ada", {"name": "Augusta"})]
    assert reader.names == ["Augusta", "Augusta", "Mei"]
    assert (letters.reads, letters.looked_up) == (1, [["ada"]])
    reader.feed.close()


async def test_of_somebody_whom_no_row_shows_nothing_is_told_or_asked(letters: Letters) -> None:
    reader = Reader(letters)
    await reader.join()
    pubsub.broadcast("letters", Renamed("eve"))
    pubsub.broadcast("letters", Renamed("mei"))
    assert [change.value for change in await reader.hear()] == ["mei"]
    assert letters.looked_up == [["mei"]]
    reader.feed.close()


async def test_a_page_that_was_being_read_meanwhile_is_put_right(letters: Letters) -> None:
    reader = Reader(letters)
    letters.gate.clear()
    joining = asyncio.create_task(reader.join())
    await letters.began.wait()
    letters.names["ada"] = "Augusta"
    pubsub.broadcast("letters", Renamed("ada"))
    letters.gate.set()
    await joining
    assert reader.names == ["Ada", "Ada", "Mei"]
    assert await reader.hear() == []  # how far it is known, for who is not there yet
    await reader.hear()
    assert reader.names == ["Augusta", "Augusta", "Mei"]
    reader.feed.close()


async def test_where_the_person_is_the_row_it_is_loaded_and_may_move() -> None:
    class Members(Letters):
        person_field: ClassVar[str] = "id"

        def row(self, row_id: str) -> Row:
            return {**super().row(row_id), "sort": [self.names[self.by[row_id]]]}

    members = Members()
    reader = Reader(members)
    await reader.join()
    members.names["mei"] = "Aa"
    pubsub.broadcast("letters", Renamed("c"))
    (operation,) = await reader.hear()
    assert isinstance(operation, Insert)
    assert reader.names == ["Aa", "Ada", "Ada"]
    reader.feed.close()


async def test_who_has_their_rows_from_another_process_sees_a_change_of_the_people_in_them(letters: Letters) -> None:
    reader = Reader(letters)
    await reader.join()
    reader.feed.close()
    reader.feed = Feed(letters, reader.heard.put_nowait)
    assert (await reader.feed.opening(reader.replica.params()))["ops"] == []
    letters.names["ada"] = "Augusta"
    pubsub.broadcast("letters", Renamed("ada"))
    await reader.hear()
    assert reader.names == ["Augusta", "Augusta", "Mei"]
    reader.feed.close()


@pytest.mark.parametrize("is_followed", [True, False])
async def test_who_missed_a_change_that_was_told_to_nobody_gets_the_list_anew(
    letters: Letters, is_followed: bool
) -> None:
    reader = Reader(letters)
    await reader.join()
    reader.feed.close()
    reader.feed = Feed(letters, reader.heard.put_nowait)
    if not is_followed:
        reader.feed.close()
    letters.names["ada"] = "Augusta"
    pubsub.broadcast("letters", Renamed("ada"))
    if not is_followed:
        reader.feed = Feed(letters, reader.heard.put_nowait)
    opening = await reader.feed.opening(reader.replica.params())
    assert [name for name, *_ in opening["ops"]] == ["reset"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    reader.feed.close()


async def test_who_missed_a_change_that_was_told_gets_it(letters: Letters) -> None:
    reader = Reader(letters)
    await reader.join()
    before = reader.replica.params()
    pubsub.broadcast("letters", Renamed("ada"))
    await reader.hear()
    assert (await reader.feed.opening(before))["ops"] == [["change", "by", "ada", {"name": "Ada"}]]
    reader.feed.close()


def test_what_is_remembered_of_people_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.kit.streams.people.MOST", 2)
    people = People()
    people.send(["a", "b", "", "c"], since=0)
    assert [people.change(each) for each in "abc"] == [False, True, True]
    assert people.send(["a", "b", "c"], since=0) == ["b", "c"]


def test_the_operation_is_the_same_on_the_wire_and_leaves_versions() -> None:
    change = Change("by", "ada", {"name": "Augusta"})
    assert from_wire(to_wire(change)) == change
    row = {"id": "a", "by": "ada", "name": "Ada", "sort": [1], "version": 7}
    assert Window((row,)).apply(change).rows == ({**row, "name": "Augusta"},)
    with pytest.raises(ValueError, match="operation"):
        from_wire(["change", "by", 7, {}])
