"""Exports of an organisation's posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from myapp.blog.schemas.kinds import ExportFailure, ExportStatus
from myapp.kit.table import Row, text_enum


class Export(Row, table=True):
    """One export, from the wish for it to the file."""

    __tablename__: ClassVar[Any] = "exports"
    __table_args__ = (
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        sa.CheckConstraint("failure IN ('too_slow', 'no_room', 'lost', 'crashed')", name="failure"),
        sa.CheckConstraint("(status = 'failed') = (failure IS NOT NULL)", name="failed"),
        sa.CheckConstraint("total >= 0 AND done >= 0 AND attempts >= 0", name="progress"),
        sa.CheckConstraint(
            "status <> 'done' OR (key IS NOT NULL AND size > 0 AND expires_at IS NOT NULL)", name="file"
        ),
        sa.UniqueConstraint("key"),
        sa.Index("ix_exports_org_id_id", "org_id", sa.text("id DESC")),
        sa.Index(
            "uq_exports_org_id_unfinished",
            "org_id",
            unique=True,
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        ),
        {"comment": "Exports of an organisation's posts, and where their files are"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    user_id: UUID | None = Field(
        default=None,
        foreign_key="users.id",
        ondelete="SET NULL",
        index=True,
        sa_column_kwargs={"comment": "Who asked for it"},
    )
    status: ExportStatus = Field(
        default=ExportStatus.QUEUED, sa_type=text_enum(ExportStatus), sa_column_kwargs={"server_default": "queued"}
    )
    total: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Posts, 0 while unknown"})
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Posts in the file"})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "How often it was begun"})
    job_id: int | None = Field(
        default=None,
        sa_type=sa.BigInteger,
        sa_column_kwargs={"comment": "The job that was added last for it; no key, as the queue forgets its jobs"},
    )
    key: str | None = Field(
        default=None, sa_column_kwargs={"comment": "Where the storage has the file, or is about to, of the last run"}
    )
    size: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"comment": "Bytes of the file"})
    failure: ExportFailure | None = Field(default=None, sa_type=text_enum(ExportFailure))
    expires_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "Until when the file is there"})
