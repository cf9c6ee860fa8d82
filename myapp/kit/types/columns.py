"""The column types behind `Money`, embedded models and lists of words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, override

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, UserDefinedType

from myapp.kit.types.money import Money

StringArray: Final = ARRAY(sa.Text(), dimensions=1)
"""`text[]`, for a `list[str]`."""

CREATE_MONEY: Final = (
    "CREATE TYPE money_parts AS (amount numeric, currency text)",
    """CREATE DOMAIN currency_amount AS money_parts CHECK (
        VALUE IS NULL OR ((VALUE).amount IS NOT NULL AND coalesce((VALUE).currency, '') ~ '^[A-Z]{3}$')
    )""",
)
DROP_MONEY: Final = ("DROP DOMAIN currency_amount", "DROP TYPE money_parts")
"""What a migration runs before the first table with money, and on its way back."""


class MoneyType(UserDefinedType[Money]):
    """Money in one column, a composite of amount and currency: both or neither (docs/decisions/0003-money.md).

    In a query the parts are `Product.price.amount` and `Product.price.currency`:
    `select(Product.price.currency, func.sum(Product.price.amount)).group_by(Product.price.currency)`.
    """

    cache_ok = True
    render_bind_cast = True

    class Comparator(UserDefinedType.Comparator[Money]):
        """The parts of the composite."""

        @property
        def amount(self) -> sa.ColumnElement[Any]:
            return _Amount(self.expr)

        @property
        def currency(self) -> sa.ColumnElement[Any]:
            return _Currency(self.expr)

    comparator_factory = Comparator

    @property
    @override
    def python_type(self) -> type[Money]:
        return Money

    def get_col_spec(self, **_options: object) -> str:
        return "currency_amount"

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[..., str | None]:
        def write(money: Money | None) -> str | None:
            return None if money is None else f"({money.amount:f},{money.currency})"

        return write

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[..., Money | None]:
        def read(text: str | None) -> Money | None:
            if text is None:
                return None
            amount, currency = text[1:-1].split(",")
            return Money(amount, currency)

        return read


class _Amount(FunctionElement[Any]):
    inherit_cache = True
    type = sa.Numeric()
    name = "amount"


class _Currency(FunctionElement[Any]):
    inherit_cache = True
    type = sa.Text()
    name = "currency"


@compiles(_Amount)
@compiles(_Currency)
def _part(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)}).{element.name}"


class Embedded(TypeDecorator[Any]):
    """A pydantic model, or a list of them, as JSONB. None is SQL's null.

    Its fields want defaults: rows that were written before a field was added do not have it.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, annotation: Any) -> None:
        super().__init__()
        self.annotation = annotation

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _adapter(self.annotation).dump_python(value, mode="json")

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _adapter(self.annotation).validate_python(value)

    @override
    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> sa.types.TypeEngine[Any]:
        return self.impl_instance.coerce_compared_value(op, value)


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)
