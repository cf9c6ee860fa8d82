"""The tables of what programs show in place of a person: keys, and tokens that are renewed one after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlmodel import Field

from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.changeset.messages import BLANK
from myapp.kit.clock import now
from myapp.kit.i18n import gettext_noop
from myapp.kit.scope import Grant
from myapp.kit.table import Row
from myapp.kit.types import StringArray

MAX_NAME = 100
NOT_IN_FUTURE = gettext_noop("must be in the future")


class ApiKey(Row, table=True):
    """A person's key. Once it is revoked or has expired, it is worth nothing."""

    __tablename__: ClassVar[Any] = "api_keys"
    __table_args__ = (
        sa.UniqueConstraint("prefix"),
        sa.CheckConstraint(f"char_length(name) BETWEEN 1 AND {MAX_NAME}", name="name_length"),
        sa.CheckConstraint(
            "scopes <@ ARRAY['read', 'write', 'manage'] AND cardinality(scopes) BETWEEN 1 AND 3", name="scopes"
        ),
        sa.Index(None, "expires_at", postgresql_where=sa.text("revoked_at IS NULL AND expires_at IS NOT NULL")),
        {"comment": "What programs of people's show to act for them"},
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    name: str = Field(default="", sa_column_kwargs={"comment": "What the person calls it"})
    prefix: str = Field(default="", sa_column_kwargs={"comment": "Its beginning, by which it is found and recognised"})
    hashed_key: bytes = Field(default=b"", repr=False, sa_column_kwargs={"comment": "SHA-256 of the whole key"})
    scopes: list[str] = Field(
        default_factory=list, sa_type=StringArray, sa_column_kwargs={"comment": "What it is good for"}
    )
    last_used_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "To some minutes"})
    expires_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "Null: never by itself"})
    revoked_at: datetime | None = None

    @property
    def grants(self) -> frozenset[Grant]:
        return frozenset(map(Grant, self.scopes))


class TokenFamily(Row, table=True):
    """Somebody logged in with a program. The row is the log-in: once it is deleted, its tokens are worth nothing."""

    __tablename__: ClassVar[Any] = "token_families"
    __table_args__ = (sa.Index(None, "expires_at"), {"comment": "Who is logged in with which program"})

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    user_agent: str = Field(default="", sa_column_kwargs={"server_default": "", "comment": "What the program says"})
    ip: str | None = Field(default=None, sa_type=INET, sa_column_kwargs={"comment": "Where it logged in from"})
    last_used_at: datetime = Field(
        default_factory=now, sa_column_kwargs={"server_default": sa.func.now(), "comment": "When it was last renewed"}
    )
    expires_at: datetime = Field(sa_column_kwargs={"comment": "When its newest token does"})


class RefreshToken(Row, table=True):
    """One of a family's tokens. All but the newest are spent; they stay, so that who shows one again is found out."""

    __tablename__: ClassVar[Any] = "refresh_tokens"
    __table_args__ = (
        sa.UniqueConstraint("hashed_token"),
        {"comment": "What a program renews its access with, once each"},
    )

    family_id: UUID = Field(foreign_key="token_families.id", ondelete="CASCADE", index=True)
    hashed_token: bytes = Field(repr=False, sa_column_kwargs={"comment": "SHA-256 of the token"})
    spent_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "When the next one was given for it"})
    expires_at: datetime = Field(sa_column_kwargs={"comment": "From then on it is worth nothing"})


def api_key_changeset(key: ApiKey, attrs: Attrs) -> Changeset[ApiKey]:
    """What its owner says of a new key: a name, what it is good for, and until when."""
    changeset = (
        cast(key, attrs, ["name", "scopes", "expires_at"])
        .update_change("name", lambda name: " ".join(name.split()))
        .update_change("scopes", _in_order)
        .validate_required("name")
        .validate_length("name", max=MAX_NAME)
        .validate_subset("scopes", [each.value for each in Grant])
        .validate_change("expires_at", lambda at: NOT_IN_FUTURE if at <= now() else None)
    )
    return changeset if changeset.get_field("scopes") else changeset.add_error("scopes", BLANK)


def _in_order(scopes: list[str]) -> list[str]:
    """Each once; to change things is worth nothing without seeing them."""
    known = {*scopes, Grant.READ.value} if scopes else set[str]()
    return [*(each.value for each in Grant if each.value in known), *sorted(known - {each.value for each in Grant})]
