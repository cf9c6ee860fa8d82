"""The tables of organisations: organizations, memberships and what people did there (activities)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, REGCONFIG
from sqlmodel import Field

from myapp.kit.scope import Role
from myapp.kit.table import Row, text_enum
from myapp.kit.types import StringArray


class Visibility(StrEnum):
    """Who may read what an organisation has published: everybody, or its members."""

    PUBLIC = "public"
    PRIVATE = "private"


class Organization(Row, table=True):
    """A tenant: everything but users belongs to one."""

    __tablename__: ClassVar[Any] = "organizations"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="name_length"),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 80", name="slug_format"),
        sa.CheckConstraint("visibility IN ('public', 'private')", name="visibility"),
        sa.Index("ix_organizations_former_slugs", "former_slugs", postgresql_using="gin"),
        {"comment": "Tenants"},
    )

    name: str = ""
    slug: str = Field(default="", sa_column_kwargs={"comment": "Its place in URLs: /o/<slug>"})
    visibility: Visibility = Field(
        default=Visibility.PUBLIC, sa_type=text_enum(Visibility), sa_column_kwargs={"server_default": "public"}
    )
    language: str = Field(
        default="english",
        sa_type=REGCONFIG,
        sa_column_kwargs={
            "server_default": sa.text("'english'::regconfig"),
            "comment": "Text search configuration of its posts",
        },
    )
    former_slugs: list[str] = Field(
        default_factory=list,
        sa_type=StringArray,  # pyright: ignore[reportArgumentType] - SQLModel knows classes only
        sa_column_kwargs={
            "server_default": "{}",
            "comment": "Where it stood before: these lead to it, and nobody else may take them",
        },
    )


class Membership(Row, table=True):
    """A person's place in an organisation."""

    __tablename__: ClassVar[Any] = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "user_id"),
        sa.CheckConstraint("role IN ('member', 'moderator', 'admin', 'owner')", name="role"),
        {"comment": "Who belongs to which organisation, as what"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    role: Role = Field(default=Role.MEMBER, sa_type=text_enum(Role), sa_column_kwargs={"server_default": "member"})


class Activity(Row, table=True):
    """One line of a person's history in an organisation: `user_id` is whose history, `actor_id` who did it."""

    __tablename__: ClassVar[Any] = "activities"
    __table_args__ = (
        sa.Index("ix_activities_user_id_id", "user_id", sa.text("id DESC")),
        {"comment": "What happened to whom, for people to read (audit_logs is for auditors)"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", index=True)
    actor_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    verb: str = Field(sa_column_kwargs={"comment": "Stable name, such as post.received"})
    subject_type: str
    subject_id: UUID
    details: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'{}'::jsonb")}
    )
