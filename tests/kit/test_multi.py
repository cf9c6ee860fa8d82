"""Named steps in one transaction: all or nothing, and a failure says which and why."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from myapp.kit import repo
from myapp.kit.changeset import Changeset, change, new
from myapp.kit.errors import Conflict, Invalid, NotFound
from myapp.kit.multi import Multi, MultiError, Results
from tests.factories import SYSTEM
from tests.kit.models import Book, Shelf

pytestmark = pytest.mark.usefixtures("tables")


def shelf(name: str = "A") -> Changeset[Shelf]:
    return change(new(Shelf), name=name)


def book(title: str = "Emma", **attrs: object) -> Changeset[Book]:
    return Book.changeset(new(Book), {"title": title, **attrs})


async def titles() -> list[str]:
    async with repo.transaction(SYSTEM) as session:
        return list((await session.exec(select(Book.title).order_by(col(Book.title)))).all())


async def test_steps_see_what_those_before_them_gave() -> None:
    async def count(done: Results) -> int:
        return len(done)

    multi = (
        Multi()
        .put("title", "Emma")
        .insert("shelf", shelf())
        .insert("book", lambda done: book(done["title"], shelf_id=done["shelf"].id))
        .update("renamed", lambda done: Book.changeset(done["book"], {"title": "Persuasion"}))
        .insert_all("more", Book, lambda done: [{"title": "A", "shelf_id": done["shelf"].id}, {"title": "B"}])
        .run("count", count)
        .run("sum", lambda done: done["count"] + done["more"])
        .delete("gone", lambda done: done["book"])
    )
    assert multi.names == ["title", "shelf", "book", "renamed", "more", "count", "sum", "gone"]
    done = await multi.execute(SYSTEM)
    assert list(done) == multi.names
    assert done["renamed"] is done["book"]
    assert (done["book"].shelf_id, done["count"], done["sum"]) == (done["shelf"].id, 5, 7)
    assert await titles() == ["A", "B"]


async def test_a_failure_says_which_step_and_leaves_nothing_behind() -> None:
    ran: list[str] = []

    def hook(_done: Results) -> None:
        repo.after_commit(lambda: ran.append("hook"))

    multi = Multi().insert("one", book()).run("hook", hook).insert("two", book("emma")).run("never", hook)
    with pytest.raises(MultiError) as failed:
        await multi.execute(SYSTEM)
    failure = failed.value
    assert (failure.step, failure.status, list(failure.results)) == ("two", 422, ["one", "hook"])
    assert isinstance(failure.error, Invalid)
    assert failure.error.errors == {"title": ["has already been taken"]}
    assert (await titles(), ran) == ([], [])


async def test_what_is_invalid_from_the_start_stops_it_before_the_database_is_asked() -> None:
    def never(_done: Results) -> None:
        raise AssertionError

    with pytest.raises(MultiError) as failed:
        await Multi().run("first", never).insert("book", book("")).execute(SYSTEM)
    assert (failed.value.step, failed.value.results) == ("book", {})


async def test_an_expected_error_of_a_function_is_a_failure_too() -> None:
    def refuse(_done: Results) -> None:
        raise NotFound

    with pytest.raises(MultiError) as failed:
        await Multi().insert("book", book()).run("look", refuse).execute(SYSTEM)
    assert (failed.value.step, failed.value.status, str(failed.value)) == ("look", 404, NotFound.message)
    assert await titles() == []


async def test_a_bug_goes_on_its_way_and_says_where_it_was() -> None:
    with pytest.raises(ZeroDivisionError) as bug:
        await Multi().insert("book", book()).run("divide", lambda _done: 1 / 0).execute(SYSTEM)
    assert bug.value.__notes__ == ["in step 'divide' of a Multi"]
    assert await titles() == []


async def test_within_another_transaction_only_its_own_writes_are_undone() -> None:
    async with repo.transaction(SYSTEM):
        await repo.insert(book("Kept"))
        with pytest.raises(MultiError):
            await Multi().insert("one", book()).insert("two", book()).execute(SYSTEM)
        await repo.insert(book("Also kept"))
    assert await titles() == ["Also kept", "Kept"]


async def test_a_stale_update_and_delete_fail_their_step() -> None:
    async with repo.transaction(SYSTEM):
        row = await repo.insert(book())
        await repo.update(Book.changeset(row, {"copies": 2}))
    stale = Book.changeset(row, {"copies": 3, "version": 1})
    for multi in (Multi().update("late", stale), Multi().delete("late", stale)):
        with pytest.raises(MultiError) as failed:
            await multi.execute(SYSTEM)
        assert isinstance(failed.value.error, Conflict)


async def test_multis_are_appended_and_merged() -> None:
    second = Multi().insert("two", lambda done: book(f"after {done['one'].title}"))

    def third(done: Results) -> Multi:
        return Multi().put("three", len(done)).insert("four", book("Dora"))

    done = await Multi().insert("one", book()).append(second).merge(third).put("five", 5).execute(SYSTEM)
    assert list(done) == ["one", "two", "three", "four", "five"]
    assert done["three"] == 2
    assert await titles() == ["Dora", "Emma", "after Emma"]


async def test_a_failure_in_merged_steps_has_their_name() -> None:
    multi = Multi().insert("one", book()).merge(lambda _done: Multi().insert("two", lambda _done: book("emma")))
    with pytest.raises(MultiError) as failed:
        await multi.execute(SYSTEM)
    assert (failed.value.step, list(failed.value.results)) == ("two", ["one"])
    assert await titles() == []


def test_a_name_is_given_once() -> None:
    one = Multi().put("one", 1)
    for again in (lambda: one.put("one", 2), lambda: one.append(one), lambda: one.insert("one", book())):
        with pytest.raises(ValueError, match="one"):
            again()


async def test_a_name_is_given_once_among_merged_steps_too() -> None:
    with pytest.raises(ValueError, match="one"):
        await Multi().put("one", 1).merge(lambda _done: Multi().put("one", 2)).execute(SYSTEM)
    with pytest.raises(ValueError, match="two steps are called one"):
        await Multi().merge(lambda _done: Multi().put("one", 2)).put("one", 1).execute(SYSTEM)


def test_a_multi_does_not_change() -> None:
    first = Multi().put("one", 1)
    first.put("two", 2)
    assert first.names == ["one"]


async def test_results_can_not_be_altered_by_a_step() -> None:
    def alter(done: Any) -> None:
        done["one"] = 2

    with pytest.raises(TypeError):
        await Multi().put("one", 1).run("alter", alter).execute(SYSTEM)
