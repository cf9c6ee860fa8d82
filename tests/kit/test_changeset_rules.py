"""The rules of a changeset, one by one, and embedded values with complaints under their path."""

from __future__ import annotations

from typing import Any

import pytest

from myapp.kit.changeset import cast
from tests.kit.models import EVERY, Order, Thing, cast_thing


def test_required_asks_what_the_field_will_be() -> None:
    assert cast(Thing(name="a"), {}, EVERY).validate_required("name").valid
    blank = cast(Thing(name="a"), {"name": ""}, EVERY).validate_required("name", "nick")
    assert blank.error_messages() == {"name": ["can't be blank"], "nick": ["can't be blank"]}
    assert cast_thing(size="x").validate_required("size").error_messages() == {"size": ["is invalid"]}


@pytest.mark.parametrize(
    "text", ["\u200b\u200b", "\u3164", "\u2800 \u00ad", "\ufeff", "\u202e\u2066", "\x1b\x85", "\ufe0f"]
)
def test_a_text_of_which_nothing_is_seen_is_blank(text: str) -> None:
    blank = cast(Thing(), {"name": text}, EVERY).validate_required("name")
    assert blank.error_messages() == {"name": ["can't be blank"]}
    for seen in (f"{text}a", f"{text}\u05d0", f"\U0001f469{text}"):
        assert cast(Thing(), {"name": seen}, EVERY).validate_required("name").valid


@pytest.mark.parametrize(
    ("rule", "value", "text"),
    [
        ({"min": 3}, "ab", "should be at least 3 character(s)"),
        ({"max": 1}, "ab", "should be at most 1 character(s)"),
        ({"is_": 3}, "ab", "should be 3 character(s)"),
        ({"max": 3, "count": "bytes"}, "ää", "should be at most 3 byte(s)"),
        ({"min": 3, "message": "is short"}, "ab", "is short"),
        ({"min": 2, "max": 2, "is_": 2}, "ab", None),
    ],
)
def test_length(rule: dict[str, Any], value: str, text: str | None) -> None:
    assert cast_thing(name=value).validate_length("name", **rule).error_messages() == ({"name": [text]} if text else {})


def test_the_length_of_a_list_is_told_in_items() -> None:
    changeset = cast_thing(tags=["a", "b"]).validate_length("tags", max=1)
    assert changeset.error_messages() == {"tags": ["should have at most 1 item(s)"]}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"greater_than": 5}, "must be greater than 5"),
        ({"less_than": 5}, "must be less than 5"),
        ({"greater_than_or_equal_to": 6}, "must be greater than or equal to 6"),
        ({"less_than_or_equal_to": 4}, "must be less than or equal to 4"),
        ({"equal_to": 4}, "must be equal to 4"),
        ({"not_equal_to": 5}, "must be not equal to 5"),
        ({"greater_than": 4, "less_than": 6, "greater_than_or_equal_to": 5, "less_than_or_equal_to": 5}, None),
    ],
)
def test_number(rule: dict[str, Any], text: str | None) -> None:
    assert cast_thing(size=5).validate_number("size", **rule).error_messages() == ({"size": [text]} if text else {})


def test_format_inclusion_exclusion_and_subset() -> None:
    changeset = (
        cast_thing(name="a b", nick="admin", size=3, tags=["x", "y"])
        .validate_format("name", r"\A\w+\Z")
        .validate_exclusion("nick", {"admin"})
        .validate_inclusion("size", range(3))
        .validate_subset("tags", ["x"])
    )
    assert changeset.error_messages() == {
        "name": ["has invalid format"],
        "nick": ["is reserved"],
        "size": ["is invalid"],
        "tags": ["has an invalid entry"],
    }


def test_rules_look_at_changes_only() -> None:
    unchanged = cast(Thing(name="a", size=9), {}, EVERY)
    assert (
        unchanged.validate_length("name", min=3).validate_number("size", less_than=5).validate_format("name", "b").valid
    )
    emptied = cast(Thing(nick="a"), {"nick": None}, EVERY)
    assert emptied.validate_length("nick", min=3).validate_inclusion("nick", []).validate_format("nick", "b").valid


def test_confirmation_and_acceptance() -> None:
    sent = {"name": "a", "name_confirmation": "b", "terms": "false"}
    changeset = cast(Thing(), sent, EVERY).validate_confirmation("name").validate_acceptance("terms")
    assert changeset.error_messages() == {
        "name_confirmation": ["does not match confirmation"],
        "terms": ["must be accepted"],
    }
    agreed = cast(Thing(), {**sent, "name_confirmation": "a", "terms": "1"}, EVERY)
    assert agreed.validate_confirmation("name").validate_acceptance("terms").valid
    silent = cast(Thing(), {"name": "a"}, EVERY)
    assert silent.validate_confirmation("name").valid
    assert silent.validate_confirmation("name", required=True).error_messages() == {
        "name_confirmation": ["can't be blank"]
    }


def test_a_confirmation_is_not_compared_without_end() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    changeset = cast(Thing(), {"name": deep, "name_confirmation": deep}, EVERY).validate_confirmation("name")
    assert changeset.error_messages() == {
        "name": ["is invalid"],
        "name_confirmation": ["does not match confirmation"],
    }
    while deep:  # taken apart by hand: the interpreter would recurse
        deep = deep[0]  # pyright: ignore[reportAssignmentType]


def test_a_rule_of_ones_own() -> None:
    def odd(size: int) -> str | None:
        return None if size % 2 else "must be odd"

    assert cast_thing(size=2).validate_change("size", odd).error_messages() == {"size": ["must be odd"]}
    assert cast_thing(size=3).validate_change("size", odd).valid


def test_an_embedded_value_complains_under_its_path() -> None:
    order = Order.changeset(Order(), {"address": {"street": "A"}, "lines": [{"id": "1", "price": 10}, {"price": "x"}]})
    assert not order.valid
    assert order.error_messages() == {
        "address.zip": ["can't be blank"],
        "lines.0.price": ["must be less than 9"],
        "lines.1.price": ["is invalid"],
        "lines.1.id": ["can't be blank"],
    }


def test_embedded_values_are_applied_in_order() -> None:
    lines = {"1": {"id": "b", "price": "2"}, "0": {"id": "a", "price": "1"}}
    applied = Order.changeset(Order(), {"address": {"zip": "1"}, "lines": lines}).apply()
    assert applied.address is not None
    assert (applied.address.zip, [(line.id, line.price) for line in applied.lines]) == ("1", [("a", 1), ("b", 2)])
    changed = Order.changeset(applied, {"lines": [{"id": "b"}], "address": {"street": "S"}})
    assert changed.valid
    assert [line.price for line in changed.apply().lines] == [2]
    assert changed.get_field("address").zip == "1"


def test_an_embedded_value_that_stays_the_same_is_no_change() -> None:
    order = Order.changeset(Order(), {"address": {"zip": "1"}, "lines": [{"id": "a", "price": "1"}]}).apply()
    assert Order.changeset(order, {"address": {"zip": "1"}, "lines": [{"id": "a", "price": 1}]}).changes == {}


@pytest.mark.parametrize("sent", ["x", 5, ["x"], {"x": {}}, {"0": 1}, {"-1": {}}, [[]]])
def test_what_is_no_embedded_list_is_invalid(sent: object) -> None:
    errors = Order.changeset(Order(), {"address": {"zip": "1"}, "lines": sent}).error_messages()
    assert errors == {"lines": ["is invalid"]}


def test_a_required_embedded_value_that_was_not_sent_is_blank() -> None:
    assert Order.changeset(Order(), {}).error_messages() == {"address": ["can't be blank"]}
    assert Order.changeset(Order(), {"address": ""}).error_messages() == {"address": ["can't be blank"]}
