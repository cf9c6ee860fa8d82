"""The platform's column types in PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from myapp.kit import repo
from myapp.kit.types import Money
from tests.factories import SYSTEM
from tests.kit.models import Address, Line, Parcel

pytestmark = pytest.mark.usefixtures("tables")


async def a_parcel(**attrs: object) -> Parcel:
    async with repo.transaction(SYSTEM):
        return await repo.insert(Parcel.changeset(Parcel(), attrs))


async def stored(parcel: Parcel) -> Parcel:
    async with repo.transaction(SYSTEM) as session:
        query = select(Parcel).where(Parcel.id == parcel.id).execution_options(populate_existing=True)
        return (await session.exec(query)).one()


async def test_values_come_back_as_they_were_written() -> None:
    parcel = await stored(
        await a_parcel(
            price={"amount": "-1234567890123456.78", "currency": "EUR"},
            address={"street": 'A "b", (c)\\', "zip": "1"},
            lines=[{"id": "a", "price": 2}],
            words=['a,"b"', "{c}", "ä\\", "null"],
        )
    )
    assert parcel.price == Money("-1234567890123456.78", "EUR")
    assert parcel.address == Address(street='A "b", (c)\\', zip="1")
    assert parcel.lines == [Line(id="a", price=2)]
    assert parcel.words == ['a,"b"', "{c}", "ä\\", "null"]


async def test_nothing_is_null_in_the_database_too() -> None:
    parcel = await a_parcel(price=None, address=None)
    async with repo.transaction(SYSTEM) as session:
        nulls = select(Parcel.id).where(sa.column("price").is_(None), sa.column("address").is_(None))
        assert (await session.exec(nulls)).all() == [parcel.id]
    assert ((await stored(parcel)).price, (await stored(parcel)).address) == (None, None)


async def test_an_embedded_value_is_changed_as_a_whole() -> None:
    parcel = await a_parcel(address={"street": "A", "zip": "1"}, price={"amount": "1", "currency": "EUR"})
    async with repo.transaction(SYSTEM):
        await repo.update(
            Parcel.changeset(parcel, {"address": {"zip": "2"}, "price": {"amount": "3", "currency": "JPY"}})
        )
    again = await stored(parcel)
    assert (again.address, again.price) == (Address(street="A", zip="2"), Money(3, "JPY"))
    async with repo.transaction(SYSTEM):
        await repo.update(Parcel.changeset(parcel, {"address": None, "price": None}))
    assert ((await stored(parcel)).address, (await stored(parcel)).price) == (None, None)


async def test_the_parts_of_money_are_summed_and_compared_by_the_database() -> None:
    for amount, currency in [("1.10", "EUR"), ("2.20", "EUR"), ("5", "JPY")]:
        await a_parcel(price={"amount": amount, "currency": currency})
    price: Any = Parcel.price
    currency, amount = price.currency, price.amount
    async with repo.transaction(SYSTEM) as session:
        sums = select(currency, sa.func.sum(amount)).group_by(currency).order_by(currency)
        assert [tuple(row) for row in (await session.exec(sums)).all()] == [
            ("EUR", Money("3.30", "EUR").amount),
            ("JPY", 5),
        ]
        same = select(sa.func.count()).select_from(Parcel).where(price == Money("2.2", "EUR"))
        assert (await session.exec(same)).one() == 1


@pytest.mark.parametrize("literal", ["(,EUR)", "(1,)", "(1,eur)", "(1,EURO)", "(x,EUR)"])
async def test_the_database_refuses_half_or_wrong_money(literal: str) -> None:
    with pytest.raises(DBAPIError):
        async with repo.transaction(SYSTEM) as session:
            await session.exec(select(sa.cast(sa.literal(literal), sa.inspect(Parcel).columns["price"].type)))


async def test_embedded_json_can_be_asked() -> None:
    parcel = await a_parcel(address={"zip": "7"})
    await a_parcel(address={"zip": "8"})
    address: Any = Parcel.address
    async with repo.transaction(SYSTEM) as session:
        assert (await session.exec(select(Parcel.id).where(address["zip"].astext == "7"))).all() == [parcel.id]
