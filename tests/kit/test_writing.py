"""insert, update and delete of `repo`: what is written, and what a violated rule of the database becomes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from myapp.kit import repo
from myapp.kit.changeset import cast, change, new, unsafe_validate_unique
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Conflict, Invalid
from tests.factories import SYSTEM, within
from tests.kit.models import Book, Parcel, Shelf

pytestmark = pytest.mark.usefixtures("tables")


async def a_book(**attrs: object) -> Book:
    async with repo.transaction(SYSTEM):
        return await repo.insert(Book.changeset(new(Book), {"title": "Emma", **attrs}))


async def stored(book: Book) -> Book:
    async with repo.transaction(SYSTEM) as session:
        query = select(Book).where(Book.id == book.id).execution_options(populate_existing=True)
        return (await session.exec(query)).one()


async def test_insert_returns_the_row_with_what_the_database_gave_it() -> None:
    book = await a_book(copies="3")
    assert (book.title, book.copies, book.shouted) == ("Emma", 3, "EMMA")
    assert (await stored(book)).copies == 3


async def test_insert_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        await repo.insert(Book.changeset(new(Book), {"title": "Emma"}))


async def test_an_invalid_changeset_is_not_sent() -> None:
    with pytest.raises(Invalid) as refused:
        await a_book(title="")
    assert refused.value.errors == {"title": ["can't be blank"]}
    assert refused.value.changeset.action == "insert"


async def test_none_is_kept_where_the_column_has_a_default() -> None:
    book = await a_book(language=None)
    assert book.language is None
    assert (await stored(book)).language is None


@pytest.mark.parametrize(
    ("attrs", "errors"),
    [
        ({"title": "EMMA"}, {"title": ["has already been taken"]}),
        ({"copies": -1}, {"copies": ["must not be negative"]}),
        ({"shelf_id": str(new_id())}, {"shelf_id": ["does not exist"]}),
    ],
)
async def test_a_violated_constraint_is_an_error_of_its_field(attrs: dict[str, object], errors: object) -> None:
    await a_book(title="emma")
    with pytest.raises(Invalid) as refused:
        await a_book(**{"title": "Other", **attrs})
    assert refused.value.errors == errors


async def test_a_unique_violation_over_several_fields_is_told_on_the_first() -> None:
    async with repo.transaction(SYSTEM):
        shelf = await repo.insert(change(Shelf(name="A")))
    await a_book(shelf_id=shelf.id, place=1)
    with pytest.raises(Invalid) as refused:
        await a_book(title="Other", shelf_id=shelf.id, place=1)
    assert refused.value.errors == {"place": ["has already been taken"]}


async def test_a_constraint_that_no_changeset_names_stays_a_bug() -> None:
    with pytest.raises(IntegrityError):
        async with repo.transaction(SYSTEM):
            await repo.insert(change(Book(title="Emma"), copies=-1))


async def test_a_missing_value_is_blank_for_the_one_who_could_give_it() -> None:
    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.insert(change(new(Book), title=None))
    assert refused.value.errors == {"title": ["can't be blank"]}
    with pytest.raises(IntegrityError):
        async with repo.transaction(SYSTEM):
            await repo.insert(change(new(Book), copies=2))


async def test_a_text_over_the_length_of_its_column_is_too_long() -> None:
    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.insert(change(new(Book), title="x" * 41))
    assert refused.value.errors == {"title": ["should be at most 40 character(s)"]}


async def test_after_a_refusal_the_outer_transaction_goes_on() -> None:
    await a_book()
    async with repo.transaction(SYSTEM):
        with pytest.raises(Invalid):
            async with repo.transaction(SYSTEM):
                await repo.insert(Book.changeset(new(Book), {"title": "Emma"}))
        other = await repo.insert(Book.changeset(new(Book), {"title": "Persuasion"}))
    assert (await stored(other)).title == "Persuasion"


async def test_a_refused_row_is_as_it_was_and_can_be_tried_again() -> None:
    await a_book()
    book = new(Book, copies=7)
    with pytest.raises(Invalid):
        async with repo.transaction(SYSTEM):
            await repo.insert(Book.changeset(book, {"title": "Emma", "copies": 1}))
    assert (book.__dict__.get("title"), book.copies) == (None, 7)
    async with repo.transaction(SYSTEM):
        await repo.insert(Book.changeset(book, {"title": "Persuasion"}))
    assert (await stored(book)).copies == 7


async def test_update_writes_only_changes_and_counts_the_version_up() -> None:
    book = await a_book()
    before = book.updated_at
    async with repo.transaction(SYSTEM):
        updated = await repo.update(Book.changeset(book, {"title": "Persuasion"}))
    assert updated is book
    assert (book.version, book.shouted) == (2, "PERSUASION")
    assert book.updated_at > before
    again = await stored(book)
    assert (again.title, again.version, again.updated_at, again.copies) == ("Persuasion", 2, book.updated_at, 1)


async def test_update_of_a_field_under_another_column_name() -> None:
    book = await a_book(notes={"a": 1})
    async with repo.transaction(SYSTEM):
        await repo.update(Book.changeset(book, {"notes": {"a": True}}))
    assert (await stored(book)).notes == {"a": True}


async def test_nothing_is_written_when_nothing_changes() -> None:
    book = await a_book()
    async with repo.transaction(SYSTEM):
        await repo.update(Book.changeset(book, {"title": "Emma", "version": 1}))
    assert (await stored(book)).version == 1


async def test_a_virtual_change_alone_writes_nothing() -> None:
    async with repo.transaction(SYSTEM):
        shelf = await repo.insert(change(new(Shelf), name="A"))
        before = shelf.updated_at
        await repo.update(cast(shelf, {"key": "x"}, [], virtual={"key": str}))
    assert shelf.updated_at == before


async def test_a_stale_version_is_a_conflict() -> None:
    book = await a_book()
    async with repo.transaction(SYSTEM):
        await repo.update(Book.changeset(book, {"title": "Persuasion", "version": "1"}))
    for stale in ("1", "0", "-2147483648", "2147483647", None):
        with pytest.raises(Conflict):
            async with repo.transaction(SYSTEM):
                await repo.update(Book.changeset(book, {"title": "Lady Susan", "version": stale}))
    assert (book.title, (await stored(book)).title) == ("Persuasion", "Persuasion")


async def test_a_refused_update_leaves_the_row_as_it_was() -> None:
    await a_book()
    other = await a_book(title="Persuasion")
    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.update(Book.changeset(other, {"title": "emma"}))
    assert refused.value.errors == {"title": ["has already been taken"]}
    assert (other.title, other.version) == ("Persuasion", 1)


async def test_update_of_a_row_that_is_gone_is_a_conflict() -> None:
    book = await a_book()
    async with repo.transaction(SYSTEM):
        await repo.delete(book)
    with pytest.raises(Conflict):
        async with repo.transaction(SYSTEM):
            await repo.update(Book.changeset(book, {"title": "Persuasion"}))


async def test_a_row_can_be_written_and_read_within_one_transaction() -> None:
    async with repo.transaction(SYSTEM) as session:
        book = await repo.insert(Book.changeset(new(Book), {"title": "Emma"}))
        await repo.update(Book.changeset(book, {"title": "Persuasion"}))
        assert (await session.exec(select(Book))).all() == [book]
        await repo.delete(book)
        assert (await session.exec(select(Book))).all() == []


async def test_delete_of_a_stale_version_is_a_conflict() -> None:
    book = await a_book()
    async with repo.transaction(SYSTEM):
        await repo.update(Book.changeset(book, {"copies": 2}))
    with pytest.raises(Conflict):
        async with repo.transaction(SYSTEM):
            await repo.delete(Book.changeset(book, {"version": 1}))


async def test_delete_of_what_others_refer_to_is_an_error() -> None:
    async with repo.transaction(SYSTEM):
        shelf = await repo.insert(change(Shelf(name="A")))
    await a_book(shelf_id=shelf.id)
    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.delete(change(shelf).no_assoc_constraint("books", name="fk_books_shelf_id"))
    assert refused.value.errors == {"books": ["are still associated with this entry"]}


async def test_a_preparation_runs_inside_the_transaction_and_may_complain() -> None:
    async def number(changeset: object) -> object:
        assert repo.in_transaction()
        return change(new(Book), title="x").add_error("title", "is dull")

    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.insert(change(new(Book), title="Emma").prepare(number))  # pyright: ignore[reportArgumentType]
    assert refused.value.errors == {"title": ["is dull"]}


async def test_a_taken_value_is_told_while_typing() -> None:
    book = await a_book()
    typed = Book.changeset(new(Book), {"title": "emma"})
    assert (await within(unsafe_validate_unique(typed, "title", ignore_case=True))).has_error("title")
    assert (await within(unsafe_validate_unique(typed, "title"))).valid
    renamed = Book.changeset(book, {"title": "EMMA"})
    assert (await within(unsafe_validate_unique(renamed, "title", ignore_case=True))).valid
    narrowed = select(Book).where(Book.copies > 5)
    assert (await within(unsafe_validate_unique(typed, "title", ignore_case=True, query=narrowed))).valid


async def test_a_row_takes_back_what_was_rolled_back() -> None:
    book = await a_book()
    async with repo.transaction(SYSTEM) as session:
        mine = (await session.exec(select(Book))).one()
        with pytest.raises(ZeroDivisionError):
            async with repo.transaction(SYSTEM):
                await repo.update(Book.changeset(mine, {"title": "Persuasion"}))
                await repo.update(Book.changeset(mine, {"title": "Lady Susan", "copies": 2}))
                _ = 1 / 0
        assert (mine.title, mine.copies, mine.version) == ("Emma", 1, 1)
        await repo.update(Book.changeset(mine, {"copies": 3}))
    assert (mine.copies, mine.version) == (3, 2)
    with pytest.raises(ZeroDivisionError):
        async with repo.transaction(SYSTEM):
            await repo.update(Book.changeset(mine, {"title": "Persuasion"}))
            _ = 1 / 0
    assert (mine.title, mine.version, (await stored(book)).version) == ("Emma", 2, 2)


async def test_a_row_is_inserted_once() -> None:
    book = await a_book()
    with pytest.raises(ValueError, match="update it"):
        async with repo.transaction(SYSTEM):
            await repo.insert(Book.changeset(book, {"title": "Persuasion"}))


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary()
    | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
anything = (
    json | st.datetimes() | st.decimals() | st.integers(-(2**70), 2**70) | st.integers(10**400, 10**401) | st.binary()
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*Book.model_fields, *Parcel.model_fields], anything)))
async def test_what_a_changeset_lets_through_the_database_takes(sent: dict[str, object]) -> None:
    for model in (Book, Parcel):
        permitted = [name for name in model.model_fields if name not in {"id", "shouted", "shelf_id", "lines"}]
        changeset = cast(new(model), {"title": "Emma", **sent}, permitted)
        changeset = changeset.check_constraint("copies").unique_constraint("title")
        with suppress(Invalid):
            async with repo.transaction(SYSTEM):
                row = await repo.insert(changeset)
                await repo.update(change(row, updated_at=now()))
                await repo.delete(row)
