"""Money is exact, of one currency, and never a float."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from myapp.kit.changeset import cast
from myapp.kit.types import CurrencyMismatch, InvalidMoney, Money

PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
ADAPTER = TypeAdapter(Money)

currencies = st.sampled_from(sorted(PLACES))
units = st.integers(-(10**15), 10**15)


@st.composite
def money(draw: st.DrawFn, currency: str | None = None) -> Money:
    chosen = currency or draw(currencies)
    return Money(Decimal(draw(units)).scaleb(-PLACES[chosen]), chosen)


def test_an_amount_has_its_currencys_decimal_places() -> None:
    assert [str(Money(7, currency)) for currency in ("EUR", "JPY", "KWD")] == ["7.00 EUR", "7 JPY", "7.000 KWD"]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.005", "EUR"),
        ("1.5", "JPY"),
        ("NaN", "EUR"),
        ("-Infinity", "EUR"),
        ("ten", "EUR"),
        ("", "EUR"),
        ("1", "XYZ"),
        ("1", "eur"),
        ("1", ""),
        (10**16, "EUR"),
        ("1e999999", "EUR"),
        ("1e-999999", "EUR"),
        ("9" * 6000, "EUR"),
        (True, "EUR"),
        (1.5, "EUR"),
        (None, "EUR"),
    ],
)
def test_what_is_no_amount_of_a_currency_is_refused(amount: Any, currency: str) -> None:
    with pytest.raises(InvalidMoney):
        Money(amount, currency)


@given(money(currency="EUR"), money(currency="EUR"), money(currency="EUR"))
def test_sums_are_exact(one: Money, two: Money, three: Money) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + two - two == one
    assert sum([one, two], Money.zero("EUR")) == two + one
    assert (one < two) == (one.amount < two.amount)
    assert -one + abs(one) == (Money.zero("EUR") if one >= Money.zero("EUR") else abs(one) * 2)


@given(money())
def test_money_goes_through_json_unchanged(one: Money) -> None:
    text = ADAPTER.dump_json(one)
    assert json.loads(text) == {"amount": str(one.amount), "currency": one.currency}
    assert ADAPTER.validate_json(text) == ADAPTER.validate_python(one.as_json()) == one
    assert ADAPTER.dump_python(one) is one
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one  # noqa: S301 - our own bytes
    assert hash(copy.copy(one)) == hash(one)


@given(money(), st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any))
def test_shares_add_up_to_the_whole(one: Money, weights: list[int]) -> None:
    shares = one.allocate(*weights)
    assert sum(shares, Money.zero(one.currency)) == one
    assert all(not share for share, weight in zip(shares, weights, strict=True) if not weight)
    unit = Decimal(1).scaleb(-PLACES[one.currency])
    exact = [abs(one.amount) * weight / sum(weights) for weight in weights]
    assert all(abs(abs(share.amount) - ideal) <= unit for share, ideal in zip(shares, exact, strict=True))


def test_a_product_is_rounded_half_to_even() -> None:
    assert Money("0.05", "EUR") * Decimal("0.5") == Money("0.02", "EUR")
    assert Decimal("0.5") * Money("0.15", "EUR") == Money("0.08", "EUR")


def test_currencies_do_not_mix() -> None:
    euro, yen = Money(1, "EUR"), Money(1, "JPY")
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro >= yen):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert euro != yen


def test_floats_and_bare_numbers_do_not_mix_with_money() -> None:
    euro: Any = Money(1, "EUR")
    for mix in (lambda: euro * 1.5, lambda: euro * euro, lambda: euro + 1, lambda: euro * True, lambda: euro < 2):
        with pytest.raises(TypeError):
            mix()


def test_money_does_not_change() -> None:
    euro: Any = Money(1, "EUR")
    with pytest.raises(AttributeError):
        euro.amount = Decimal(2)


def test_there_is_no_negative_nothing() -> None:
    assert str(-Money(0, "EUR")) == "0.00 EUR"
    assert not Money("-0", "EUR")


def test_shares_need_weights() -> None:
    for weights in [(), (0,), (-1, 2)]:
        with pytest.raises(ValueError, match="weights"):
            Money(1, "EUR").allocate(*weights)


class Price(BaseModel):
    price: Money | None = None


@pytest.mark.parametrize(
    "sent",
    [
        "1 EUR",
        1,
        {"amount": 1.5, "currency": "EUR"},
        {"amount": "1.005", "currency": "EUR"},
        {"amount": "1"},
        {"amount": True, "currency": "EUR"},
        {"amount": "1", "currency": ["EUR"]},
        {"amount": {"amount": "1"}, "currency": "EUR"},
    ],
)
def test_what_is_no_money_is_invalid_in_a_changeset(sent: object) -> None:
    assert cast(Price(), {"price": sent}, ["price"]).error_messages() == {"price": ["is invalid"]}


def test_a_changeset_compares_money() -> None:
    sent = {"price": {"amount": "1.50", "currency": "EUR"}}
    changeset = cast(Price(), sent, ["price"]).validate_number("price", greater_than=Money(2, "EUR"))
    assert changeset.error_messages() == {"price": ["must be greater than 2.00 EUR"]}


def test_the_schema_for_programs_is_a_decimal_string() -> None:
    schema = ADAPTER.json_schema()
    assert schema["required"] == ["amount", "currency"]
    with pytest.raises(ValidationError):
        ADAPTER.validate_json('{"amount": 1.5, "currency": "EUR"}')
