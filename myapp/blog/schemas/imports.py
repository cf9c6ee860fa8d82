"""Runs of imports."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from myapp.blog.schemas.kinds import ImportKind, ImportStatus
from myapp.kit.table import Row, text_enum


class Import(Row, table=True):
    """One run of an import and what came of it."""

    __tablename__: ClassVar[Any] = "imports"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('wordpress', 'markdown')", name="kind"),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'interrupted')", name="status"),
        sa.CheckConstraint("total >= 0 AND done >= 0", name="progress"),
        sa.Index("ix_imports_org_id_id", "org_id", sa.text("id DESC")),
        {"comment": "Imports of other sites' posts"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    kind: ImportKind = Field(sa_type=text_enum(ImportKind))
    filename: str = Field(sa_column_kwargs={"comment": "Its name where it came from"})
    path: str = Field(sa_column_kwargs={"comment": "Where it lies under the data folder"})
    status: ImportStatus = Field(
        default=ImportStatus.QUEUED, sa_type=text_enum(ImportStatus), sa_column_kwargs={"server_default": "queued"}
    )
    total: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Items found, 0 while unknown"})
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Items dealt with"})
    summary: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": sa.text("'{}'::jsonb"), "comment": "Counts, and what was skipped and why"},
    )
    error: str | None = None
