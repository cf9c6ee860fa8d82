"""Tables of the platform's own tests. They stand in a catalogue of their own: the product's knows nothing of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import sqlalchemy as sa
from annotated_types import Ge
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.schema import NAMING, column
from myapp.kit.table import Row
from myapp.kit.types import Embedded, Money, MoneyType, StringArray

metadata = sa.MetaData(naming_convention=NAMING)


class Shelf(Row, table=True):
    """What books refer to."""

    metadata: ClassVar[sa.MetaData] = metadata  # pyright: ignore[reportIncompatibleVariableOverride]
    __tablename__: ClassVar[Any] = "shelves"

    name: str = Field(max_length=20)


class Book(Row, table=True):
    """A row with one of every kind of rule."""

    metadata: ClassVar[sa.MetaData] = metadata  # pyright: ignore[reportIncompatibleVariableOverride]
    __tablename__: ClassVar[Any] = "books"
    __table_args__ = (
        sa.UniqueConstraint("shelf_id", "place"),
        sa.Index("uq_books_title", sa.text("lower(title)"), unique=True),
        sa.CheckConstraint("copies >= 0", name="copies"),
    )

    shelf_id: UUID | None = Field(default=None, foreign_key="shelves.id", ondelete="RESTRICT", index=True)
    place: int | None = None
    title: str = Field(max_length=40)
    copies: int = 1
    notes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs={"name": "remarks"})
    language: str | None = Field(default="en")
    shouted: str | None = Field(
        default=None,
        sa_column_kwargs={"info": {"computed": True}},
        sa_column_args=[sa.Computed("upper(title)", persisted=True)],
    )
    version: int = 1

    @classmethod
    def changeset(cls, book: Self, attrs: Attrs) -> Changeset[Self]:
        return (
            cast(book, attrs, ["title", "copies", "notes", "language", "place", "shelf_id", "version"])
            .validate_required("title")
            .validate_length("title", min=2)
            .unique_constraint("title")
            .unique_constraint(["place", "shelf_id"], name="uq_books_shelf_id_place")
            .foreign_key_constraint("shelf_id")
            .check_constraint("copies", message="must not be negative")
            .optimistic_lock()
        )


class Address(BaseModel):
    """An embedded value."""

    street: str = ""
    zip: str = ""

    @classmethod
    def changeset(cls, address: Self, attrs: Attrs) -> Changeset[Self]:
        return cast(address, attrs, ["street", "zip"]).validate_required("zip").validate_length("zip", max=5)


class Line(BaseModel):
    """An item of an embedded list."""

    id: str
    price: int = 0

    @classmethod
    def changeset(cls, line: Self, attrs: Attrs) -> Changeset[Self]:
        return cast(line, attrs, ["id", "price"]).validate_required("id", "price").validate_number("price", less_than=9)


class Order(BaseModel):
    """A value with others embedded, in no table."""

    note: str = ""
    address: Address | None = None
    lines: list[Line] = []

    @classmethod
    def changeset(cls, order: Self, attrs: Attrs) -> Changeset[Self]:
        return (
            cast(order, attrs, ["note"])
            .cast_embed("address", Address.changeset, required=True)
            .cast_embed("lines", Line.changeset)
        )


class Parcel(Row, table=True):
    """One column of each of the platform's own types."""

    metadata: ClassVar[sa.MetaData] = metadata  # pyright: ignore[reportIncompatibleVariableOverride]
    __tablename__: ClassVar[Any] = "parcels"

    price: Money | None = column(MoneyType(), "What it costs", default=None)
    weight: Decimal | None = column(sa.Numeric(6, 2), "In kilograms", default=None)
    address: Address | None = column(Embedded(Address), "Where it goes", default=None)
    lines: list[Line] = column(Embedded(list[Line]), "What is in it", default_factory=list)
    words: list[str] = column(StringArray, "What is written on it", default_factory=list)

    @classmethod
    def changeset(cls, parcel: Self, attrs: Attrs) -> Changeset[Self]:
        return (
            cast(parcel, attrs, ["price", "words", "weight"])
            .cast_embed("address", Address.changeset)
            .cast_embed("lines", Line.changeset)
        )


class Colour(StrEnum):
    RED = "red"


class Thing(BaseModel):
    """A value with a field of every kind, in no table."""

    name: str = ""
    nick: str | None = None
    size: int = 1
    weight: float | None = None
    price: Decimal | None = None
    at: datetime | None = None
    colour: Colour | None = None
    is_new: bool = False
    tags: list[str] = Field(default_factory=list)
    meta: dict[str, Any] = Field(default_factory=dict)
    age: Annotated[int, Ge(18)] | None = None


EVERY = list(Thing.model_fields)


def cast_thing(**sent: object) -> Changeset[Thing]:
    return cast(Thing(), sent, EVERY)
