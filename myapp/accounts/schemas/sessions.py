"""The tables of what proves who somebody is: sessions of browsers, and tokens that were sent by mail.

Neither holds what proves it, only its SHA-256: whoever reads the table cannot be anybody. The values are 32 random
bytes, so a slow hash would add nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlmodel import Field

from myapp.kit.clock import now
from myapp.kit.table import Row, text_enum


class TokenContext(StrEnum):
    """What a token that was sent by mail is good for."""

    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE_EMAIL = "change_email"
    LOG_IN = "log_in"


class Session(Row, table=True):
    """Somebody logged in with one browser. The row is the session: once it is deleted, the cookie is worth nothing."""

    __tablename__: ClassVar[Any] = "sessions"
    __table_args__ = (
        sa.UniqueConstraint("hashed_token"),
        sa.Index(None, "expires_at"),
        {"comment": "Who is logged in with which browser"},
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    hashed_token: bytes = Field(repr=False, sa_column_kwargs={"comment": "SHA-256 of what the cookie holds"})
    user_agent: str = Field(default="", sa_column_kwargs={"server_default": "", "comment": "What the browser says"})
    ip: str | None = Field(default=None, sa_type=INET, sa_column_kwargs={"comment": "Where the person logged in from"})
    is_remembered: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": sa.false(), "comment": "Outlives the browser window (keep me logged in)"},
    )
    sudo_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "When the person last gave the password or followed a link"}
    )
    last_seen_at: datetime = Field(
        default_factory=now, sa_column_kwargs={"server_default": sa.func.now(), "comment": "To some minutes"}
    )
    expires_at: datetime = Field(sa_column_kwargs={"comment": "From then on it is worth nothing"})


class UserToken(Row, table=True):
    """Something that was sent by mail and may be used once: it is deleted as it is used."""

    __tablename__: ClassVar[Any] = "user_tokens"
    __table_args__ = (
        sa.UniqueConstraint("hashed_token"),
        sa.CheckConstraint("context IN ('confirm', 'reset', 'change_email', 'log_in')", name="context"),
        {"comment": "What was sent by mail to prove who somebody is"},
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    context: TokenContext = Field(sa_type=text_enum(TokenContext))
    hashed_token: bytes = Field(repr=False, sa_column_kwargs={"comment": "SHA-256 of what was sent"})
    sent_to: str = Field(sa_column_kwargs={"comment": "The address; worth nothing once the person has another"})
