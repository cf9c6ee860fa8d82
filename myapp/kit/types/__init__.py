"""What columns hold beyond numbers and text: money, embedded values, lists of words.

    class Product(Row, table=True):
        price: Money = column(MoneyType(), "For one")
        maker: Address | None = column(Embedded(Address), "Where it comes from", default=None)
        aliases: list[str] = column(StringArray, "What else it is called", default_factory=list)

Free JSON, full-text vectors and search configurations need nothing of ours: `JSONB`, `TSVECTOR` and `REGCONFIG` of
`sqlalchemy.dialects.postgresql`. Enums as text and the two timestamps are in `myapp.kit.table`.
"""

from myapp.kit.types.columns import CREATE_MONEY, DROP_MONEY, Embedded, MoneyType, StringArray
from myapp.kit.types.money import CurrencyMismatch, InvalidMoney, Money

__all__ = [
    "CREATE_MONEY",
    "DROP_MONEY",
    "CurrencyMismatch",
    "Embedded",
    "InvalidMoney",
    "Money",
    "MoneyType",
    "StringArray",
]
