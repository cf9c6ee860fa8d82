"""The table of invitations to an organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from myapp.kit.clock import now
from myapp.kit.scope import Role
from myapp.kit.table import Row, text_enum


class Invitation(Row, table=True):
    """That whoever reads an address's mail may join with a role. The token is in the mail alone; here is its hash."""

    __tablename__: ClassVar[Any] = "invitations"
    __table_args__ = (
        sa.CheckConstraint("char_length(email) <= 160 AND position('@' in email) > 1", name="email"),
        sa.CheckConstraint("role IN ('member', 'moderator', 'admin', 'owner')", name="role"),
        sa.CheckConstraint("octet_length(hashed_token) = 32", name="hashed_token"),
        sa.UniqueConstraint("hashed_token"),
        sa.Index(
            "uq_invitations_org_id_email",
            "org_id",
            sa.text("lower(email)"),
            unique=True,
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        sa.Index("ix_invitations_org_id_id", "org_id", sa.text("id DESC")),
        {"comment": "Who was asked by mail to join which organisation, as what"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    email: str = Field(default="", sa_column_kwargs={"comment": "Whose mail the token was sent to"})
    role: Role = Field(default=Role.MEMBER, sa_type=text_enum(Role), sa_column_kwargs={"server_default": "member"})
    hashed_token: bytes = Field(
        default=b"", repr=False, sa_column_kwargs={"comment": "SHA-256 of the token in the link that was sent last"}
    )
    invited_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    sent_at: datetime = Field(default_factory=now, sa_column_kwargs={"comment": "When the last mail with it went out"})
    expires_at: datetime = Field(default_factory=now)
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
