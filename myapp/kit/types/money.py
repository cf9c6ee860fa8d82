"""Money: an exact decimal amount with its currency.

What always holds: an amount is a whole number of the currency's smallest units (cents, yen, fils), there is no way in
for a float, and amounts of two currencies never meet in a sum or a comparison. What Elixir's `ex_money` is for.

    >>> price = Money("19.90", "EUR")
    >>> price * 3 - Money(5, "EUR")
    Money('54.70', 'EUR')
    >>> price.allocate(1, 1, 1)
    [Money('6.64', 'EUR'), Money('6.63', 'EUR'), Money('6.63', 'EUR')]
    >>> price < Money(3000, "JPY")
    Traceback (most recent call last):
    myapp.kit.types.money.CurrencyMismatch: EUR and JPY
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import cache, total_ordering
from typing import Any, Final, Self

from babel.numbers import get_currency_precision, list_currencies
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MAX_DIGITS: Final = 18
"""Digits of the largest amount in its smallest unit; enough for any budget, and they fit a bigint."""

_EXACT: Final = Context(prec=4 * MAX_DIGITS, rounding=ROUND_HALF_EVEN)


class InvalidMoney(ValueError):
    """No such currency, or no such amount of it."""


class CurrencyMismatch(TypeError):
    """Amounts of two currencies can't be added or compared: what they are worth changes."""


@cache
def _unit(currency: str) -> Decimal:
    """The smallest unit of a currency, by ISO 4217 as CLDR has it. Raises InvalidMoney."""
    if currency not in list_currencies():
        raise InvalidMoney(f"{currency[:10]!r} is no currency")
    return Decimal(1).scaleb(-get_currency_precision(currency))


@total_ordering
class Money:
    """So much of a currency. `amount` is a Decimal with the currency's number of decimal places."""

    __slots__ = ("amount", "currency")

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        """Raises InvalidMoney for an unknown currency, or an amount that it has no coins for or that is too large."""
        object.__setattr__(self, "amount", _whole(amount, currency))
        object.__setattr__(self, "currency", currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing of a currency: what a sum begins with."""
        return cls(0, currency)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `as_json` gave. Raises InvalidMoney."""
        return cls(data["amount"], data["currency"])

    def as_json(self) -> dict[str, str]:
        """`{"amount": "19.90", "currency": "EUR"}`: a decimal string, as JSON's numbers are read as floats."""
        return {"amount": str(self.amount), "currency": self.currency}

    def allocate(self, *weights: int) -> list[Self]:
        """Shares in these proportions that add up to the whole; what can't be divided goes to the first ones."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("shares need weights of 0 or more, and one above 0")
        unit = _unit(self.currency)
        units = int(self.amount / unit)
        shares = [abs(units) * weight // total for weight in weights]
        takers = [at for at, weight in enumerate(weights) if weight]
        for left in range(abs(units) - sum(shares)):
            shares[takers[left]] += 1
        sign = -1 if units < 0 else 1
        return [type(self)(_EXACT.multiply(unit, sign * share), self.currency) for share in shares]

    def __add__(self, other: Money) -> Self:
        return type(self)(_EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Self:
        return type(self)(_EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: int | Decimal) -> Self:
        """Rounded to the smallest unit, half to even (bankers' rounding)."""
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        product = _EXACT.multiply(self.amount, Decimal(factor))
        return type(self)(_EXACT.quantize(product, _unit(self.currency)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __abs__(self) -> Self:
        return type(self)(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.currency == other.currency and self.amount == other.amount

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("money does not change; make another")

    def __reduce__(self) -> tuple[type[Self], tuple[Decimal, str]]:
        return type(self), (self.amount, self.currency)

    def __repr__(self) -> str:
        return f"Money({str(self.amount)!r}, {self.currency!r})"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"money and {type(other).__name__} do not go together")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from Money itself or from what `as_json` gives; written as the latter."""
        amount = core_schema.union_schema([core_schema.str_schema(strict=True), core_schema.int_schema(strict=True)])
        fields = {
            "amount": core_schema.typed_dict_field(amount),
            "currency": core_schema.typed_dict_field(core_schema.str_schema(min_length=3, max_length=3)),
        }
        read = core_schema.no_info_after_validator_function(cls.from_json, core_schema.typed_dict_schema(fields))
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), read]),
            serialization=core_schema.plain_serializer_function_ser_schema(cls.as_json, when_used="json"),
        )


def _whole(amount: Decimal | int | str, currency: str) -> Decimal:
    """The amount with the currency's decimal places. Raises InvalidMoney."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidMoney(f"an amount is no {type(amount).__name__}")
    unit = _unit(currency)
    try:
        exact = Decimal(amount)
        rounded = _EXACT.quantize(exact, unit) if exact.is_finite() else exact
    except (InvalidOperation, ValueError):
        raise InvalidMoney("no amount") from None
    if rounded != exact or not exact.is_finite():
        raise InvalidMoney(f"{currency} has no smaller unit than {unit}")
    if rounded.adjusted() - int(unit.as_tuple().exponent) >= MAX_DIGITS:
        raise InvalidMoney(f"more than {MAX_DIGITS} digits")
    return rounded + 0  # no negative zero
