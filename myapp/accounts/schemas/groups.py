"""The tables of groups: some of an organisation's people, by a name of their own."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from myapp.kit.table import Row


class Group(Row, table=True):
    """Some of an organisation's people. Names are unique in it without regard to case."""

    __tablename__: ClassVar[Any] = "groups"
    __table_args__ = (
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        sa.UniqueConstraint("id", "org_id"),
        sa.Index("uq_groups_org_id_name", "org_id", sa.text("lower(name)"), unique=True),
        {"comment": "Some of an organisation's people, under a name"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    name: str = ""


class GroupMember(Row, table=True):
    """That a person is in a group. The keys let in only members of the group's organisation, who leave with it."""

    __tablename__: ClassVar[Any] = "group_members"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["group_id", "org_id"], ["groups.id", "groups.org_id"], name="fk_group_members_group_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["memberships.org_id", "memberships.user_id"],
            name="fk_group_members_user_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("group_id", "user_id"),
        sa.Index("ix_group_members_org_id_user_id", "org_id", "user_id"),
        {"comment": "Who is in which group"},
    )

    org_id: UUID
    group_id: UUID
    user_id: UUID
