"""Pages of a list that changes while somebody turns them, and cursors that nobody made."""

from __future__ import annotations

import base64
import itertools
from contextlib import suppress
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import to_json
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from myapp.kit import repo
from myapp.kit.pagination import Direction, InvalidCursor, KeysetPage, Order, keyset_page, offset_page
from tests.factories import SYSTEM, within
from tests.kit.models import Book

pytestmark = pytest.mark.usefixtures("tables")

ORDERS: list[Order] = [
    [],
    [(Book.place, "desc")],
    [(Book.place, "asc")],
    [(Book.copies, "asc"), (Book.place, "desc")],
    [(Book.copies, "desc"), (Book.place, "asc"), (Book.id, "desc")],
    [(Book.inserted_at, "desc"), (Book.id, "desc")],
    [(sa.func.length(Book.title), "desc")],
]


async def shelve(*titles: str, **values: Any) -> list[UUID]:
    async with repo.transaction(SYSTEM) as session:
        books = [Book(title=title, **values) for title in titles]
        session.add_all(books)
        return [book.id for book in books]


def ordered(order: Order) -> SelectOfScalar[Book]:
    last = order[-1][1] if order else "asc"
    full: list[tuple[Any, Direction]] = [*order, (Book.id, last)]
    keys = [sa.desc(column) if way == "desc" else sa.asc(column) for column, way in full]
    return select(Book).order_by(*keys)


async def titles_of(order: Order) -> list[str]:
    async with repo.transaction(SYSTEM) as session:
        return [book.title for book in (await session.exec(ordered(order))).all()]


def titles(page: KeysetPage[Book]) -> list[str]:
    return [book.title for book in page.entries]


async def the_end(order: Order) -> KeysetPage[Book]:
    """The last row, as a page that leads back."""
    page = await within(keyset_page(select(Book), order=order, limit=1))
    while page.after:
        page = await within(keyset_page(select(Book), order=order, limit=1, after=page.after))
    return page


step = st.one_of(
    st.tuples(st.just("insert"), st.none() | st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("delete"), st.integers(0, 10**6), st.none()),
    st.tuples(st.just("turn"), st.none(), st.none()),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from(ORDERS), backwards=st.booleans(), steps=st.lists(step, max_size=30), limit=st.integers(1, 4)
)
async def test_no_row_comes_twice_and_none_is_missed_while_others_come_and_go(
    order: Order, backwards: bool, steps: list[tuple[str, Any, Any]], limit: int
) -> None:
    names = (f"book {number}" for number in itertools.count())
    async with repo.transaction(SYSTEM) as session:
        await session.exec(sa.delete(Book))
    alive: list[UUID] = []
    for place, copies in [(None, 1), (1, 1), (1, 1), (2, 0)]:
        alive += await shelve(next(names), place=place, copies=copies)
    always, seen = set(alive), list[UUID]()
    page = KeysetPage[Book]([])
    if backwards:
        page = await the_end(order)
        seen += [book.id for book in page.entries]

    async def turn() -> bool:
        nonlocal page
        if backwards:
            page = await within(keyset_page(select(Book), order=order, before=page.before, limit=limit))
        else:
            page = await within(keyset_page(select(Book), order=order, after=page.after, limit=limit))
        seen.extend(book.id for book in page.entries)
        return page.before is not None if backwards else page.after is not None

    more = True
    for what, one, other in steps:
        if what == "insert":
            alive += await shelve(next(names), place=one, copies=other)
        elif what == "delete" and alive:
            gone = alive.pop(one % len(alive))
            always.discard(gone)
            async with repo.transaction(SYSTEM) as session:
                await session.exec(sa.delete(Book).where(col(Book.id) == gone))
        elif what == "turn" and more:
            more = await turn()
    while more:
        more = await turn()
    assert len(seen) == len(set(seen))
    assert always <= set(seen)


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_forth_and_back_are_the_list(order: Order) -> None:
    for number in range(7):
        await shelve(
            f"book {'x' * (number % 3)} {number}", place=None if number % 3 == 0 else number % 2, copies=number % 2
        )
    everything = await titles_of(order)
    forth: list[list[str]] = []
    page = await within(keyset_page(select(Book), order=order, limit=3))
    assert page.before is None
    forth.append(titles(page))
    while page.after:
        page = await within(keyset_page(select(Book), order=order, limit=3, after=page.after))
        forth.append(titles(page))
    assert list(itertools.chain(*forth)) == everything
    back = [titles(page)]
    while page.before:
        page = await within(keyset_page(select(Book), order=order, limit=3, before=page.before))
        back.append(titles(page))
        assert page.has_more
    assert list(itertools.chain(*reversed(back))) == everything


async def test_selected_columns_come_as_named_rows() -> None:
    await shelve("A", "B", copies=2)
    page = await within(keyset_page(select(Book.title, Book.copies), order=[(Book.title, "asc")], limit=1))
    assert [(row.title, row.copies, len(row)) for row in page.entries] == [("A", 2, 2)]
    numbered = await within(offset_page(select(Book.title, Book.copies).order_by(Book.title), page=2, page_size=1))
    assert [(row.title, len(row)) for row in numbered.entries] == [("B", 2)]


async def test_after_the_last_rows_are_gone_one_can_still_go_back() -> None:
    first, second, third = await shelve("A", "B", "C")
    page = await within(keyset_page(select(Book), order=[(Book.title, "asc")], limit=2))
    async with repo.transaction(SYSTEM) as session:
        await session.exec(sa.delete(Book).where(col(Book.id).in_([second, third])))
    beyond = await within(keyset_page(select(Book), order=[(Book.title, "asc")], limit=2, after=page.after))
    assert (beyond.entries, beyond.after) == ([], None)
    back = await within(keyset_page(select(Book), order=[(Book.title, "asc")], limit=2, before=beyond.before))
    assert [book.id for book in back.entries] == [first]


async def test_a_forged_cursor_that_fits_is_only_another_place() -> None:
    await shelve("A", place=1)
    page = await within(keyset_page(select(Book), order=[(Book.place, "desc")], after=forged(2, str(UUID(int=1)))))
    assert titles(page) == ["A"]


async def test_a_cursor_of_another_order_is_refused() -> None:
    await shelve("A", "B")
    page = await within(keyset_page(select(Book), order=[(Book.title, "asc")], limit=1))
    with pytest.raises(InvalidCursor):
        await within(keyset_page(select(Book), order=[(Book.title, "desc")], after=page.after))


async def test_after_and_before_at_once_are_refused() -> None:
    with pytest.raises(InvalidCursor):
        await within(keyset_page(select(Book), order=[], after="a", before="b"))


def forged(*values: object) -> str:
    """A cursor as `[(Book.place, "desc")]` makes them, with other values."""
    return base64.urlsafe_b64encode(to_json([crc32(b"place desc,id desc"), *values])).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "\x00",
        "====",
        "W10",
        "bnVsbA",
        "e30",
        "W1tbW1tb" * 400,
        forged(1),
        forged("x", "y"),
        forged(2**40, str(UUID(int=1))),
    ],
)
async def test_a_cursor_that_nobody_made_is_refused(cursor: str) -> None:
    await shelve("A")
    with pytest.raises(InvalidCursor):
        await within(keyset_page(select(Book), order=[(Book.place, "desc")], after=cursor))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(codec=None), max_size=60)
    | st.lists(st.none() | st.integers() | st.text(), max_size=3).map(lambda v: forged(*v))
)
async def test_no_cursor_breaks_a_list(cursor: str) -> None:
    with suppress(InvalidCursor):
        await within(keyset_page(select(Book), order=[(Book.place, "desc")], after=cursor))


async def test_numbered_pages_count_everything() -> None:
    await shelve("A", "B", "C", "D", "E")
    everything = select(Book).order_by(Book.title)
    page = await within(offset_page(everything, page=2, page_size=2))
    assert ([book.title for book in page.entries], page.total_count, page.total_pages) == (["C", "D"], 5, 3)
    last = await within(offset_page(everything, page=3, page_size=2))
    assert ([book.title for book in last.entries], last.total_count) == (["E"], 5)


@pytest.mark.parametrize(("asked", "given"), [(None, 1), (0, 1), (-5, 1), (4, 3), (10**30, 3)])
async def test_a_page_that_does_not_exist_gives_the_nearest(asked: int | None, given: int) -> None:
    await shelve("A", "B", "C", "D", "E")
    page = await within(offset_page(select(Book).order_by(Book.title), page=asked, page_size=2))
    assert (page.page, len(page.entries)) == (given, 2 if given == 1 else 1)


async def test_an_empty_list_has_one_page() -> None:
    page = await within(offset_page(select(Book), page=9))
    assert (page.entries, page.page, page.total_count, page.total_pages) == ([], 1, 0, 1)


@pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (10**9, 100)])
async def test_the_size_of_a_page_is_held_within_bounds(asked: int, given: int) -> None:
    await shelve(*(f"book {number}" for number in range(102)))
    assert len((await within(keyset_page(select(Book), order=[], limit=asked))).entries) == given
    assert (await within(offset_page(select(Book), page_size=asked))).page_size == given
