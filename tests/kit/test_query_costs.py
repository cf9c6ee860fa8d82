"""What the database was asked is kept without values, and never grows beyond its bound."""

from __future__ import annotations

from myapp.kit.query_costs import LONGEST, Statements


def test_calls_of_one_statement_are_added_up() -> None:
    kept = Statements()
    for seconds in (0.25, 1.0, 0.5):
        kept.note("SELECT ?", "SELECT %(a)s", seconds)
    [found] = kept.costliest(10)
    assert (found.calls, found.seconds, found.slowest) == (3, 1.75, 1.0)
    assert found.slowest_at is not None


def test_the_costliest_come_first_and_stay_when_there_is_no_room() -> None:
    kept = Statements(limit=20)
    for number in range(100):
        kept.note(f"SELECT {number}", "", float(number == 7) + number / 1000)
    assert len(kept) <= 20
    assert kept.costliest(1)[0].key == "SELECT 7"


def test_a_statement_of_great_length_is_not_kept() -> None:
    kept = Statements()
    kept.note("x", "x" * (LONGEST + 1), 1.0)
    assert len(kept) == 0
