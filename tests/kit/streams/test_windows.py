"""What operations, pages and limits do to the part of a list that is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.streams import (
    Delete,
    Insert,
    Key,
    Operation,
    Replica,
    Reset,
    Row,
    Update,
    Window,
    from_wire,
    key_of,
    to_wire,
)


def row(row_id: str, sort: int, version: int = 1, **more: Any) -> Row:
    return {"id": row_id, "sort": [sort], "version": version, **more}


def ids(window: Window) -> str:
    return "".join(each["id"] for each in window.rows)


ABC = Window().apply(Reset((row("a", 3), row("b", 2), row("c", 1))))


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (Insert(row("n", 9)), "nabc"),
        (Insert(row("n", 2)), "anbc"),
        (Insert(row("n", 0)), "abcn"),
        (Insert(row("n", 0), "head"), "nabc"),
        (Insert(row("n", 9), "tail"), "abcn"),
        (Insert(row("c", 9, version=2)), "cab"),
        (Insert(row("c", 9, version=0)), "abc"),
        (Insert(row("b", 0, version=2), "head"), "abc"),
        (Update({"id": "c", "version": 2, "sort": [9]}), "cab"),
        (Update({"id": "x", "version": 2}), "abc"),
        (Delete("b"), "ac"),
        (Delete("x"), "abc"),
        (Reset((row("z", 1),)), "z"),
    ],
)
def test_an_operation_leaves_every_row_once_and_in_its_place(operation: Operation, after: str) -> None:
    assert ids(ABC.apply(operation)) == after


def test_an_update_changes_what_it_names_and_only_a_row_that_is_not_newer() -> None:
    window = ABC.apply(Update({"id": "b", "version": 5, "likes": 1})).apply(
        Update({"id": "b", "version": 4, "likes": 9})
    )
    assert window.rows[1] == row("b", 2, version=5, likes=1)


def test_a_row_beyond_what_was_loaded_waits_for_its_page() -> None:
    window = Window().apply(Reset((row("a", 3), row("b", 2)), has_more=True))
    assert ids(window.apply(Insert(row("n", 1)))) == "ab"
    assert ids(window.apply(Insert(row("a", 1, version=2)))) == "b"
    assert ids(window.extend([row("c", 1)], towards="tail", has_more=False).apply(Insert(row("n", 0)))) == "abcn"


def test_a_limit_cuts_the_far_end_which_can_be_asked_for_again() -> None:
    low, high = ABC.limited(2), ABC.limited(2, keep="tail")
    assert (ids(low), low.end, ids(high), high.start) == ("ab", (2, "b"), "bc", (2, "b"))
    assert ids(high.apply(Insert(row("n", 9)))) == "bc"
    assert ids(high.extend([row("a", 3)], towards="head", has_more=False)) == "abc"


def joined(limit: int = 0) -> Replica:
    replica = Replica(limit=limit)
    first = to_wire(Reset((row("c", 3), row("b", 2)), has_more=True))
    replica.joined({"epoch": "e", "seq": 7, "ops": [first]})
    return replica


def diff(seq: int, *operations: Operation, epoch: str = "e", since: int | None = None) -> dict[str, Any]:
    since = seq - 1 if since is None else since
    return {"epoch": epoch, "from": since, "seq": seq, "ops": [to_wire(each) for each in operations]}


def test_what_happened_while_a_page_was_read_holds_over_the_page() -> None:
    replica = joined()
    assert replica.ask("tail") == (2, "b")
    replica.heard(diff(8, Delete("a")))
    replica.answered("tail", {"epoch": "e", "seq": 7, "rows": [row("a", 1)], "more": False})
    assert ids(replica.window) == "cb"


def test_a_page_for_an_end_that_has_moved_is_dropped() -> None:
    replica = joined(limit=2)
    replica.ask("tail")
    replica.heard(diff(8, Insert(row("d", 4))))
    replica.answered("tail", {"epoch": "e", "seq": 8, "rows": [row("a", 1)], "more": False})
    assert ids(replica.window) == "dc"
    assert replica.ask("tail") == (3, "c")


def test_a_diff_that_is_known_changes_nothing() -> None:
    replica = joined()
    replica.heard(diff(7, Delete("b"), since=2))
    assert ids(replica.window) == "cb"
    assert not replica.is_lost


@pytest.mark.parametrize("missed", [diff(9, Delete("b")), diff(8, Delete("b"), epoch="another")])
def test_a_gap_and_another_epoch_ask_for_another_start(missed: dict[str, Any]) -> None:
    replica = joined()
    replica.heard(missed)
    assert replica.is_lost
    assert replica.params() == {}


@pytest.mark.parametrize("epoch", ["e", "another"])
def test_a_reset_needs_nothing_before_it(epoch: str) -> None:
    replica = joined()
    replica.heard(diff(12, Reset((row("z", 1),)), epoch=epoch))
    assert ids(replica.window) == "z"
    assert replica.params() == {"epoch": epoch, "seq": 12}


def test_what_was_told_in_fewer_and_longer_steps_leads_to_the_same_place() -> None:
    replica = joined()
    replica.heard(diff(9, Delete("b"), Insert(row("d", 4)), since=5))
    assert (ids(replica.window), replica.params()) == ("dc", {"epoch": "e", "seq": 9})


def test_what_has_no_number_is_applied_and_leads_nowhere() -> None:
    replica = joined()
    replica.ask("tail")
    replica.heard(diff(7, Delete("a"), Delete("b"), since=7))
    assert (ids(replica.window), replica.params()) == ("c", {"epoch": "e", "seq": 7})
    replica.answered("tail", {"epoch": "e", "seq": 7, "rows": [row("a", 1)], "more": False})
    assert ids(replica.window) == "c"


def test_what_has_no_number_is_not_for_who_is_further() -> None:
    replica = joined()
    replica.heard(diff(6, Delete("b"), since=6))
    replica.heard(diff(6, Reset(), since=6))
    assert (ids(replica.window), replica.is_lost) == ("cb", False)


def test_what_has_no_number_is_not_applied_again_to_a_page_that_knows_what_came_after_it() -> None:
    replica = joined()
    replica.ask("tail")
    replica.heard(diff(7, Insert(row("x", 5)), since=7))
    replica.heard(diff(9, Delete("x"), since=7))
    replica.answered("tail", {"epoch": "e", "seq": 9, "rows": [row("a", 1)], "more": False})
    assert ids(replica.window) == "cba"


@pytest.mark.parametrize(("reads_after", "shown"), [((3, "c"), "a"), (None, "d")])
def test_a_page_to_return_to_that_another_reset_has_overtaken_says_nothing(reads_after: Key | None, shown: str) -> None:
    replica = joined()
    replica.reads_after = (3, "c")
    replica.heard(diff(8, Reset((row("c", 3), row("b", 2))), since=8))
    assert replica.ask_to_return() == (3, "c")
    asked, replica.reads_after = replica.returns, reads_after
    replica.heard(diff(9, Reset((row("d", 4),)), since=9))
    assert replica.ask_to_return() == reads_after
    replica.returned({"epoch": "e", "seq": 8, "rows": [row("b", 2)], "more": False}, asked)
    replica.returned({"epoch": "e", "seq": 9, "rows": [row("a", 1)], "more": False}, replica.returns)
    assert (ids(replica.window), replica.is_lost) == (shown, False)


rows = st.builds(row, st.sampled_from("abcdef"), st.integers(0, 9), st.integers(0, 3))
operations = st.one_of(
    st.builds(Insert, rows),
    st.builds(Delete, st.sampled_from("abcdef")),
    st.builds(Update, rows),
    st.builds(Reset, st.just((row("a", 1),)), st.booleans()),
)


@given(st.lists(operations, max_size=20), st.booleans())
def test_a_window_holds_each_row_once_in_order_and_within_its_bounds(done: list[Operation], descending: bool) -> None:
    window = Window(descending=descending)
    for operation in done:
        window = window.apply(from_wire(to_wire(operation)))
    keys = [key_of(each) for each in window.rows]
    assert keys == sorted(keys, reverse=descending)
    assert len({each["id"] for each in window.rows}) == len(keys)
    assert all(window.holds(key) for key in keys)


@pytest.mark.parametrize("parts", [[], ["insert"], ["insert", 1], ["delete", 1], ["reset", {}], ["jump", {}]])
def test_what_is_no_operation_is_refused(parts: list[object]) -> None:
    with pytest.raises(ValueError, match="not an operation"):
        from_wire(parts)
