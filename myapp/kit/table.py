"""What the tables of the rooms share: a UUIDv7 key, the two timestamps, enums kept as text.

    class Tag(Row, table=True):
        __tablename__ = "tags"
        __table_args__ = (sa.UniqueConstraint("org_id", "slug"), {"comment": "What posts are filed under"})

        org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
        name: str

Ecto's `use Ecto.Schema` with `@primary_key` and `timestamps()`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from myapp.kit import schema
from myapp.kit.clock import new_id, now


class Row(SQLModel):
    """A table with an id that sorts by age and with the times of its insert and last update."""

    metadata: ClassVar[sa.MetaData] = schema.metadata  # pyright: ignore[reportIncompatibleVariableOverride]

    id: UUID = Field(default_factory=new_id, primary_key=True)
    inserted_at: datetime = Field(default_factory=now, sa_column_kwargs={"server_default": sa.func.now()})
    updated_at: datetime = Field(
        default_factory=now, sa_column_kwargs={"server_default": sa.func.now(), "onupdate": now}
    )


def text_enum(kind: type[StrEnum]) -> sa.Enum:
    """The column type of a `StrEnum`: its values as text, without a PostgreSQL enum type (which can't lose a value)."""

    def values(members: type[StrEnum]) -> list[str]:
        return [member.value for member in members]

    return sa.Enum(kind, native_enum=False, create_constraint=False, length=20, values_callable=values)
