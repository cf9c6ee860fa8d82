"""Casting: what is sent becomes changes or complaints, and nothing that is sent can break it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.changeset import cast, change, new
from tests.kit.models import EVERY, Book, Colour, Order, Parcel, Thing, cast_thing


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("size", " 12 ", 12),
        ("price", "9.90", Decimal("9.90")),
        ("weight", "1.5", 1.5),
        ("is_new", "true", True),
        ("colour", "red", Colour.RED),
        ("at", "2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("at", "2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("tags", ["a", " ", "b", ""], ["a", "b"]),
        ("meta", {"a": [1, None]}, {"a": [1, None]}),
    ],
)
def test_what_is_sent_becomes_the_fields_type(field: str, sent: object, value: object) -> None:
    assert cast_thing(**{field: sent}).changes == {field: value}


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("name", 5),
        ("name", "nul \x00"),
        ("name", "lone \ud800"),
        ("size", "many"),
        ("size", 1.5),
        ("size", "9" * 5000),
        ("weight", "nan"),
        ("weight", "inf"),
        ("price", "NaN"),
        ("price", "1e999999"),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("at", "yesterday"),
        ("colour", "blue"),
        ("is_new", "perhaps"),
        ("tags", "a"),
        ("tags", {"0": "a"}),
        ("tags", ["a\x00"]),
        ("meta", {"a": "\x00"}),
        ("meta", {"\ud800": 1}),
        ("meta", {"a": float("nan")}),
        ("meta", {"a": 10**5000}),
        ("meta", [1]),
    ],
)
def test_what_is_not_of_the_type_is_invalid(field: str, sent: object) -> None:
    changeset = cast_thing(**{field: sent})
    assert (changeset.error_messages(), changeset.changes) == ({field: ["is invalid"]}, {})


def test_a_bound_of_the_field_speaks_as_a_rule_does() -> None:
    assert cast_thing(age="17").error_messages() == {"age": ["must be greater than or equal to 18"]}
    assert cast(new(Book), {"title": "x" * 41}, ["title"]).error_messages() == {
        "title": ["should be at most 40 character(s)"]
    }


def test_a_number_fits_its_column() -> None:
    assert cast(Parcel(), {"weight": "-10000"}, ["weight"]).error_messages() == {
        "weight": ["must be greater than or equal to -9999.99"]
    }
    assert cast(new(Book), {"copies": 2**31}, ["copies"]).error_messages() == {
        "copies": ["must be less than or equal to 2147483647"]
    }


def test_what_json_can_not_hold_is_invalid_in_a_json_column() -> None:
    for sent in ({"a": b"x"}, {"a": {1, 2}}, {"a": object()}):
        assert cast(new(Book), {"notes": sent}, ["notes"]).error_messages() == {"notes": ["is invalid"]}


def test_only_what_is_permitted_is_cast() -> None:
    assert cast(Thing(), {"name": "a", "size": 2, "unknown": 3}, ["name"]).changes == {"name": "a"}


def test_to_permit_a_field_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no field 'nmae'"):
        cast(Thing(), {}, ["nmae"])
    with pytest.raises(ValueError, match="no field 'nmae'"):
        change(Thing(), nmae=1)


def test_blank_text_is_the_fields_default() -> None:
    thing = Thing(name="a", nick="b", size=3, tags=["c"])
    changeset = cast(thing, dict.fromkeys(["name", "nick", "size"], "  "), ["name", "nick", "size"])
    assert changeset.changes == {"name": "", "nick": None, "size": 1}


def test_what_is_the_same_is_no_change() -> None:
    thing = Thing(name="a", size=3, meta={"a": 1})
    assert cast(thing, {"name": "a", "size": "3", "meta": {"a": 1}}, EVERY).changes == {}
    assert cast(thing, {"meta": {"a": True}}, EVERY).changes == {"meta": {"a": True}}


def test_names_of_an_object_in_another_order_are_no_change() -> None:
    thing = Thing(meta={"a": 1, "b": [{"c": 2, "d": 3}]})
    assert cast(thing, {"meta": {"b": [{"d": 3, "c": 2}], "a": 1}}, EVERY).changes == {}
    assert cast(thing, {"meta": {"b": [{"d": 3.0, "c": 2}], "a": 1}}, EVERY).changes.keys() == {"meta"}


def test_a_second_cast_adds_to_the_first() -> None:
    changeset = cast(cast_thing(name="a", size="x"), {"nick": "b"}, ["nick"])
    assert changeset.changes == {"name": "a", "nick": "b"}
    assert changeset.error_messages() == {"size": ["is invalid"]}


def test_a_virtual_field_is_cast_and_not_written() -> None:
    changeset = cast(
        Thing(), {"password": "secret", "pins": ["1", "x"]}, [], virtual={"password": str, "pins": list[int]}
    )
    assert changeset.get_change("password") == "secret"
    assert (changeset.values(), changeset.apply()) == ({}, Thing())
    assert changeset.error_messages() == {"pins": ["is invalid"]}


def test_a_changeset_is_never_altered() -> None:
    first = cast_thing(name="a")
    second = first.put_change("size", 2).add_error("name", "no").validate_length("name", min=3)
    assert (first.changes, first.errors) == ({"name": "a"}, ())
    assert len(second.errors) == 2
    assert first.data == Thing()


def test_what_was_sent_is_not_shown_in_logs() -> None:
    changeset = cast(Thing(), {"name": "secret", "password": "secret"}, ["name"], virtual={"password": str})
    assert repr(changeset) == "<Changeset of Thing: name, password changed, 0 errors, action None>"


def test_a_new_row_is_what_the_constructor_would_make() -> None:
    made, built = new(Book, title="Emma", copies=2), Book(title="Emma", copies=2)
    differing = {"id", "inserted_at", "updated_at"}
    assert made.model_dump(exclude=differing) == built.model_dump(exclude=differing)
    assert (made.model_fields_set, made.id.version) == (built.model_fields_set, 7)
    assert new(Book).notes is not new(Book).notes
    with pytest.raises(ValueError, match="titel"):
        new(Book, titel="Emma")


def test_the_field_the_change_and_what_a_form_shows() -> None:
    changeset = cast(Thing(name="old", size=4), {"name": "new", "size": "x"}, EVERY)
    assert (changeset.get_field("name"), changeset.get_change("name")) == ("new", "new")
    assert (changeset.get_field("size"), changeset.get_change("size")) == (4, None)
    assert (changeset.input_value("size"), changeset.input_value("nick")) == ("x", None)


def test_changes_are_put_altered_and_taken_back() -> None:
    changeset = change(Thing(), name="a").update_change("name", str.upper).update_change("size", str)
    assert changeset.changes == {"name": "A"}
    assert cast(Thing(nick="a"), {"nick": ""}, ["nick"]).update_change("nick", str.upper).changes == {"nick": None}
    assert changeset.put_change("name", "").changes == changeset.delete_change("name").changes == {}


text = st.text(st.characters(codec=None), max_size=20)
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | text
    | st.integers(10**400, 10**401)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*EVERY, "password"], json)))
def test_nothing_that_is_sent_makes_casting_raise(sent: dict[str, object]) -> None:
    changeset = (
        cast(Thing(), sent, EVERY, virtual={"password": str}).validate_required("name").validate_length("name", max=9)
    )
    changeset = (
        changeset.validate_number("size", less_than=9).validate_confirmation("name").validate_acceptance("is_new")
    )
    assert changeset.valid == (not changeset.error_messages())
    assert not set(changeset.changes) & {
        error.field for error in changeset.errors if error.opts["validation"] == "cast"
    }
    present = {name: value for name, value in changeset.apply().model_dump().items() if value is not None}
    assert Thing.model_validate(present).model_dump(exclude_unset=True) == present


@given(json)
def test_nothing_that_is_sent_makes_embedding_raise(sent: Any) -> None:
    assert isinstance(Order.changeset(Order(), {"address": sent, "lines": sent}).error_messages(), dict)
    assert Order.changeset(Order(), sent).valid is False


@pytest.mark.parametrize("depth", [33, 100_000])
def test_what_is_nested_too_deep_is_invalid(depth: int) -> None:
    deep: dict[str, object] = {}
    for _ in range(depth):
        deep = {"a": deep}
    assert cast_thing(meta=deep).error_messages() == {"meta": ["is invalid"]}
    while deep:  # taken apart by hand: the interpreter would recurse
        deep = deep["a"]  # pyright: ignore[reportAssignmentType]
