"""insert_all and copy_into: what arrives, what conflicts do, and how much is sent."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from myapp.kit import repo
from myapp.kit.bulk import Placeholder, Replace, copy_into, insert_all
from myapp.kit.clock import now
from myapp.kit.query_log import count_queries
from myapp.kit.types import Money
from tests.factories import SYSTEM
from tests.kit.models import Address, Book, Line, Parcel, Shelf

pytestmark = pytest.mark.usefixtures("tables")

WRITERS = [insert_all, copy_into]


async def books() -> list[Book]:
    async with repo.transaction(SYSTEM) as session:
        query = select(Book).order_by(col(Book.title)).execution_options(populate_existing=True)
        return list((await session.exec(query)).all())


@pytest.mark.parametrize("write", WRITERS)
async def test_what_a_row_leaves_out_gets_its_default(write: Any) -> None:
    before = now()
    async with repo.transaction(SYSTEM):
        assert await write(Book, [{"title": "A", "copies": 3}, {"title": "B", "copies": 0}]) == 2
    one, two = await books()
    assert (one.copies, one.version, one.notes, one.language, one.shouted) == (3, 1, {}, "en", "A")
    assert (two.copies, two.place) == (0, None)
    assert one.id != two.id
    assert one.id.version == 7
    assert one.inserted_at == one.updated_at == two.inserted_at
    assert before <= one.inserted_at <= now()


@pytest.mark.parametrize("write", WRITERS)
async def test_every_type_of_column_arrives(write: Any) -> None:
    parcels = [
        Parcel(
            price=Money("1.50", "EUR"),
            address=Address(street='a"b\\c,{}\n', zip="1"),
            lines=[Line(id="x", price=1)],
            words=['a"b', "\\", "{,}", "null", "", "ä\n\t"],
        ),
        Parcel(words=[]),
        Parcel(price=Money(7, "JPY"), words=["one"]),
    ]
    async with repo.transaction(SYSTEM) as session:
        await write(Parcel, parcels)
        found = (await session.exec(select(Parcel).order_by(col(Parcel.id)))).all()
    for sent, got in zip(parcels, found, strict=True):
        assert got is not sent
        assert got.model_dump() == sent.model_dump()
    async with repo.transaction(SYSTEM) as session:
        nulls = select(sa.func.count()).select_from(Parcel).where(sa.column("address").is_(None))
        assert (await session.exec(nulls)).one() == 2


@pytest.mark.parametrize("write", WRITERS)
async def test_rows_may_leave_out_different_fields(write: Any) -> None:
    async with repo.transaction(SYSTEM):
        await write(Book, [{"title": "A", "place": 1, "notes": {"a": 1}}, {"title": "B"}])
    one, two = await books()
    assert (one.place, two.place, one.notes, two.notes) == (1, None, {"a": 1}, {})


@pytest.mark.parametrize("write", WRITERS)
async def test_an_unknown_or_computed_field_is_a_mistake(write: Any) -> None:
    for wrong in ("titel", "shouted"):
        with pytest.raises(ValueError, match=wrong):
            async with repo.transaction(SYSTEM):
                await write(Book, [{"title": "A", wrong: "x"}])


async def test_a_field_that_the_first_row_lacks_can_not_be_copied() -> None:
    with pytest.raises(ValueError, match="place"):
        async with repo.transaction(SYSTEM):
            await copy_into(Book, [{"title": "A"}, {"title": "B", "place": 1}])


@pytest.mark.parametrize("write", WRITERS)
async def test_no_rows_are_nothing(write: Any) -> None:
    async with repo.transaction(SYSTEM):
        assert await write(Book, []) == 0
    with pytest.raises(RuntimeError):
        await write(Book, [])


@asynccontextmanager
async def sending() -> AsyncGenerator[list[list[Any]]]:
    """A transaction, and the values of the parameters of every statement in it."""
    sent: list[list[Any]] = []

    def note(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append(list(dict(parameters or {}).values()))

    async with repo.transaction(SYSTEM) as session:
        connection = (await session.connection()).sync_connection
        event.listen(connection, "before_cursor_execute", note)
        yield sent
        event.remove(connection, "before_cursor_execute", note)


async def test_rows_are_sent_in_chunks() -> None:
    size = int(0.9 * 65_535 / 10)  # a book has ten columns that can be written
    rows = ({"title": f"book {number}"} for number in range(2 * size + 1))
    async with sending() as sent:
        with count_queries() as queries:
            assert await insert_all(Book, rows) == 2 * size + 1
    assert [len(values[0]) for values in sent] == [size, size, 1]
    assert all(sum(map(len, values)) <= 0.9 * 65_535 for values in sent)
    assert len(set(queries)) == 1


async def test_a_placeholder_is_sent_once() -> None:
    text = "x" * 100_000
    rows = [{"title": f"{number:02}", "notes": Placeholder("big") if number else {"own": 1}} for number in range(50)]
    async with sending() as sent:
        await insert_all(Book, rows, placeholders={"big": {"text": text}})
    assert sum(repr(values).count(text) for values in ([getattr(v, "obj", v) for v in values] for values in sent)) == 1
    found = await books()
    assert (found[0].notes, found[1].notes, found[49].notes) == ({"own": 1}, {"text": text}, {"text": text})


async def test_a_placeholder_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        async with repo.transaction(SYSTEM):
            await insert_all(Book, [{"title": Placeholder("gone")}], placeholders={"other": 1})


async def test_rows_come_back_in_their_order() -> None:
    titles = [f"book {number % 7} {number}" for number in range(200)]
    async with repo.transaction(SYSTEM):
        returned = await insert_all(Book, [{"title": title} for title in titles], returning=[Book.id, Book.title])
    assert [row.title for row in returned] == titles
    assert all(isinstance(row.id, UUID) for row in returned)


async def test_a_row_that_is_there_is_an_error_unless_said_otherwise() -> None:
    async with repo.transaction(SYSTEM):
        await insert_all(Book, [{"title": "A"}])
    with pytest.raises(IntegrityError):
        async with repo.transaction(SYSTEM):
            await insert_all(Book, [{"title": "a"}, {"title": "B"}])
    assert [book.title for book in await books()] == ["A"]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("target", [None, "uq_books_title"])
async def test_on_conflict_nothing_leaves_what_is_there(write: Any, target: str | None) -> None:
    async with repo.transaction(SYSTEM):
        await write(Book, [{"title": "A", "copies": 1}])
        options = {"on_conflict": "nothing", "conflict_target": target}
        assert await write(Book, [{"title": "a", "copies": 2}, {"title": "B", "copies": 2}], **options) == 1
    assert [(book.title, book.copies) for book in await books()] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize("write", WRITERS)
async def test_replace_takes_all_that_was_sent_and_keeps_the_key(write: Any) -> None:
    [before] = await a_book(write, title="A", copies=1, notes={"a": 1})
    async with repo.transaction(SYSTEM):
        rows = [{"title": "a", "copies": 2, "notes": {"b": 1}}]
        assert await write(Book, rows, on_conflict=Replace(), conflict_target="uq_books_title") == 1
    [after] = await books()
    assert (after.title, after.copies, after.notes) == ("a", 2, {"b": 1})
    assert (after.id, after.inserted_at) == (before.id, before.inserted_at)
    assert after.updated_at > before.updated_at


async def a_book(write: Any, **values: object) -> list[Book]:
    async with repo.transaction(SYSTEM):
        await write(Book, [values])
    return await books()


@pytest.mark.parametrize("write", WRITERS)
async def test_replace_some_fields_under_a_condition(write: Any) -> None:
    async with repo.transaction(SYSTEM) as session:
        shelf = Shelf(name="A")
        session.add(shelf)
        rows = [{"shelf_id": shelf.id, "place": place, "title": f"{place}", "copies": 5} for place in (1, 2)]
        await write(Book, rows)
        newer = [
            {"shelf_id": shelf.id, "place": 1, "title": "new 1", "copies": 9, "notes": {"n": 1}},
            {"shelf_id": shelf.id, "place": 2, "title": "new 2", "copies": 1, "notes": {"n": 1}},
        ]
        replace = Replace(["copies", "notes"], where=lambda new: new.copies > Book.copies)
        assert await write(Book, newer, on_conflict=replace, conflict_target=["shelf_id", "place"]) == 1
    assert [(book.title, book.copies, book.notes) for book in await books()] == [("1", 9, {"n": 1}), ("2", 5, {})]


async def test_to_replace_one_has_to_say_what_conflicts() -> None:
    with pytest.raises(ValueError, match="conflict_target"):
        async with repo.transaction(SYSTEM):
            await insert_all(Book, [{"title": "A"}], on_conflict=Replace())


async def test_rows_of_a_query_get_ids_and_times_of_their_own() -> None:
    async with repo.transaction(SYSTEM):
        await insert_all(Shelf, [{"name": f"{number}"} for number in range(3)])
        query = select((col(Shelf.name) + "!").label("title"), col(Shelf.id).label("shelf_id"))
        start = now()
        assert await insert_all(Book, query) == 3
    found = await books()
    assert [book.title for book in found] == ["0!", "1!", "2!"]
    assert len({book.id for book in found}) == 3
    assert [book.copies for book in found] == [1, 1, 1]
    for book in found:
        assert (book.id.version, book.id.variant) == (7, "specified in RFC 4122")
        assert abs(book.inserted_at - start) < timedelta(minutes=1)
        assert abs(book.id.int >> 80) - int(start.timestamp() * 1000) < 60_000


async def test_a_query_may_return_and_replace() -> None:
    async with repo.transaction(SYSTEM):
        await insert_all(Book, [{"title": "A", "copies": 1}])
        query = select(sa.literal("a").label("title"), sa.literal(7).label("copies"))
        [row] = await insert_all(
            Book, query, on_conflict=Replace(["copies"]), conflict_target="uq_books_title", returning=[Book.copies]
        )
    assert row.copies == 7
    with pytest.raises(ValueError, match="colour"):
        async with repo.transaction(SYSTEM):
            await insert_all(Book, select(sa.literal("a").label("colour")))


async def test_a_failed_copy_leaves_nothing_behind() -> None:
    with pytest.raises(IntegrityError):
        async with repo.transaction(SYSTEM):
            await copy_into(Book, itertools.chain([{"title": "A"}], [{"title": "a"}]))
    assert await books() == []


async def test_rows_are_copied_twice_in_one_transaction() -> None:
    async with repo.transaction(SYSTEM):
        assert await copy_into(Book, [{"title": "A"}]) == 1
        with pytest.raises(IntegrityError):
            async with repo.transaction(SYSTEM):
                await copy_into(Book, [{"title": "B", "copies": 1}, {"title": "a", "copies": 1}])
        assert await copy_into(Book, [{"title": "C", "place": 1}]) == 1
    assert [book.title for book in await books()] == ["A", "C"]


async def test_what_the_session_holds_back_is_written_first() -> None:
    async with repo.transaction(SYSTEM) as session:
        shelf = Shelf(name="A")
        session.add(shelf)
        await insert_all(Book, [{"title": "A", "shelf_id": shelf.id}])
    assert (await books())[0].shelf_id == shelf.id


@pytest.mark.parametrize("write", WRITERS)
async def test_numbers_of_several_types_may_share_a_column(write: Any) -> None:
    async with repo.transaction(SYSTEM) as session:
        await write(Parcel, [{"weight": 1}, {"weight": Decimal("2.50")}, {"weight": None}])
        found = (await session.exec(select(col(Parcel.weight)).order_by(col(Parcel.weight)))).all()
    assert found == [Decimal("1.00"), Decimal("2.50"), None]


async def test_a_placeholder_may_stand_for_an_array_or_money() -> None:
    async with repo.transaction(SYSTEM) as session:
        rows = [{"words": Placeholder("words"), "price": Placeholder("price")}, {"words": ["b"], "price": None}]
        await insert_all(Parcel, rows, placeholders={"words": ["a"], "price": Money(1, "EUR")})
        found = (await session.exec(select(col(Parcel.words), col(Parcel.price)).order_by(col(Parcel.words)))).all()
    assert [tuple(row) for row in found] == [(["a"], Money(1, "EUR")), (["b"], None)]
