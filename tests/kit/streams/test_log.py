"""What a topic remembers of its rows, and for whom that is enough."""

from __future__ import annotations

from myapp.kit.pubsub import Position
from myapp.kit.streams import Delete, Log, Operation, Reset


def at(seq: int) -> Position:
    return Position("e", seq)


def names(operations: list[Operation] | None) -> str | None:
    return None if operations is None else "".join(each.id for each in operations if isinstance(each, Delete))


def test_it_knows_what_came_after_a_number_and_of_each_row_only_the_last() -> None:
    log = Log(at(1))
    log.append(at(4), [(3, Delete("a")), (2, Delete("b"))])
    log.append(at(9), [(7, Delete("b"))])
    assert [names(log.since(at(seq))) for seq in (1, 2, 3, 6, 7, 20)] == ["ab", "ab", "b", "b", "", ""]
    assert log.since(at(0)) is None
    assert log.since(Position("another", 7)) is None


def test_it_forgets_the_oldest_rows_and_then_knows_no_longer_what_somebody_missed() -> None:
    log = Log(at(0), kept=2)
    log.append(at(3), [(1, Delete("a")), (2, Delete("b")), (3, Delete("c"))])
    assert log.since(at(0)) is None
    assert names(log.since(at(1))) == "bc"


def test_it_forgets_what_came_before_a_reset_and_before_another_epoch() -> None:
    log = Log(at(0))
    log.append(at(1), [(1, Delete("a"))])
    (diff,) = log.append(at(5), [(0, Reset())])
    assert (diff.since, diff.seq) == (5, 5)
    assert log.since(at(4)) is None
    assert log.since(at(5)) == []
    (diff,) = log.append(Position("f", 2), [(0, Reset())])
    assert (diff.since, diff.seq) == (2, 2)
    assert log.since(Position("f", 1)) is None


def test_what_has_no_number_is_kept_for_nobody_but_renews_what_is() -> None:
    log = Log(at(0))
    log.append(at(4), [(4, Delete("a"))])
    (diff,) = log.append(at(4), [(0, Delete("a")), (0, Delete("b"))])
    assert diff.since == diff.seq == 4
    assert names(log.since(at(3))) == "a"


def test_what_has_no_number_is_told_apart_so_that_who_is_there_already_hears_it() -> None:
    log = Log(at(2))
    steps = [
        (each.since, each.seq, names([*each.operations]))
        for each in log.append(at(5), [(4, Delete("a")), (0, Delete("b"))])
    ]
    assert steps == [(2, 5, "a"), (5, 5, "b")]
    assert [(each.since, each.seq) for each in log.append(at(8), [])] == [(5, 8)]


def test_what_is_recalled_comes_before_what_is_known_and_never_in_place_of_it() -> None:
    log = Log(at(10))
    log.append(at(12), [(12, Delete("a"))])
    log.recall(5, [(8, Delete("b")), (7, Delete("a")), (6, Delete("c"))])
    assert [names(log.since(at(seq))) for seq in (5, 6, 8, 12)] == ["cba", "ba", "a", ""]
    assert log.since(at(4)) is None
