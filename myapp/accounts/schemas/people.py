"""The tables of people: users, and beside each a profile (what one says of oneself) and settings (what one wishes)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Field

from myapp.kit.table import Row
from myapp.kit.types import Embedded

MIN_AGE, MAX_AGE = 13, 120
MAX_BIO = 500


class User(Row, table=True):
    """A person. Mail addresses and user names are unique without regard to case.

    Whoever is deactivated cannot log in; whoever is anonymised has deleted the account, and only what others rely on
    still leads here.
    """

    __tablename__: ClassVar[Any] = "users"
    __table_args__ = (
        sa.CheckConstraint("char_length(email) <= 160 AND position('@' in email) > 1", name="email"),
        sa.CheckConstraint("char_length(username) BETWEEN 3 AND 30", name="username_length"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="name_length"),
        sa.Index("uq_users_email", sa.text("lower(email)"), unique=True),
        sa.Index("uq_users_username", sa.text("lower(username)"), unique=True),
        sa.Index("ix_users_sort_name", sa.text('lower(name) COLLATE "C"')),
        {"comment": "People"},
    )

    email: str = ""
    username: str = ""
    name: str = ""
    locale: str | None = Field(default=None, sa_column_kwargs={"comment": "Language tag; null follows the browser"})
    is_operator: bool = Field(
        default=False, sa_column_kwargs={"server_default": sa.false(), "comment": "Runs the whole site"}
    )
    hashed_password: str | None = Field(
        default=None,
        repr=False,
        sa_column_kwargs={"comment": "argon2id in PHC format; null: only a link by mail logs in"},
    )
    confirmed_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "When the address was shown to be the person's"}
    )
    deactivated_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "Since when an operator keeps the person out"}
    )
    anonymised_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "When the person deleted the account"}
    )


class Address(BaseModel):
    """Where mail on paper goes."""

    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = "US"


class Profile(Row, table=True):
    """What a person says of themselves. Somebody without one has said nothing."""

    __tablename__: ClassVar[Any] = "profiles"
    __table_args__ = (
        sa.UniqueConstraint("user_id"),
        sa.CheckConstraint(f"char_length(bio) <= {MAX_BIO}", name="bio_length"),
        sa.CheckConstraint(f"age BETWEEN {MIN_AGE} AND {MAX_AGE}", name="age"),
        {"comment": "What people say of themselves"},
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    bio: str = Field(default="", sa_column_kwargs={"server_default": ""})
    age: int | None = None
    address: Address | None = Field(
        default=None, sa_type=Embedded(Address), sa_column_kwargs={"comment": "Postal address"}
    )
    avatar_key: str | None = Field(
        default=None, sa_column_kwargs={"comment": "Where the picture is kept; null shows initials"}
    )


class UserSettings(Row, table=True):
    """What a person wishes. Somebody without a row wishes what the defaults say."""

    __tablename__: ClassVar[Any] = "user_settings"
    __table_args__ = (sa.UniqueConstraint("user_id"), {"comment": "What people wish"})

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    wants_mail: bool = Field(
        default=True, sa_column_kwargs={"server_default": sa.true(), "comment": "News also by mail"}
    )
