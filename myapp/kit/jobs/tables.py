"""The tables: Oban's own, which its schema makes, and three of ours beside it.

A migration makes Oban's with `install_sql()`, so they are in no metadata that is compared with the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ENUM, JSONB
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from myapp.kit import schema
from myapp.kit.clock import now
from myapp.kit.jobs._library import JobState, install_sql, uninstall_sql
from myapp.kit.schema import column

__all__ = ["OBAN", "JobCron", "JobRate", "JobSwitch", "install_sql", "oban_jobs", "oban_producers", "uninstall_sql"]

OBAN = ("oban_jobs", "oban_leaders", "oban_producers")

MOMENTS = ("inserted_at", "scheduled_at", "attempted_at", "completed_at", "cancelled_at", "discarded_at")

_library = sa.MetaData()
_state = ENUM(*map(str, JobState), name="oban_job_state", create_type=False)
_moment = sa.DateTime(timezone=False)  # in UTC, as Oban keeps them

oban_jobs = sa.Table(
    "oban_jobs",
    _library,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("state", cast("TypeEngine[str]", _state)),
    sa.Column("queue", sa.Text),
    sa.Column("worker", sa.Text),
    sa.Column("attempt", sa.SmallInteger),
    sa.Column("max_attempts", sa.SmallInteger),
    sa.Column("priority", sa.SmallInteger),
    sa.Column("args", JSONB),
    sa.Column("meta", JSONB),
    sa.Column("tags", sa.ARRAY(sa.Text)),
    sa.Column("errors", JSONB),
    sa.Column("attempted_by", sa.ARRAY(sa.Text)),
    sa.Column("inserted_at", _moment),
    sa.Column("scheduled_at", _moment),
    sa.Column("attempted_at", _moment),
    sa.Column("completed_at", _moment),
    sa.Column("cancelled_at", _moment),
    sa.Column("discarded_at", _moment),
)

oban_producers = sa.Table(
    "oban_producers",
    _library,
    sa.Column("uuid", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("node", sa.Text),
    sa.Column("queue", sa.Text),
    sa.Column("meta", JSONB),
    sa.Column("started_at", _moment),
    sa.Column("updated_at", _moment),
)


class JobSwitch(SQLModel, table=True):
    """A worker that is switched off."""

    __tablename__: ClassVar[Any] = "job_switches"
    __table_args__ = ({"comment": "Workers whose jobs wait, as an operator wants it"},)
    metadata: ClassVar[sa.MetaData] = schema.metadata  # pyright: ignore[reportIncompatibleVariableOverride]

    worker: str = column(sa.Text(), "Where its class is: myapp.blog.jobs.PublishDuePosts", primary_key=True)
    reason: str = column(sa.Text(), "Why, for the others")
    user_id: UUID | None = column(sa.Uuid(), "Who did it; none for the system", default=None)
    inserted_at: datetime = column(sa.DateTime(timezone=True), "Since when", default_factory=now)


class JobRate(SQLModel, table=True):
    """How many jobs of a queue may begin in a time, in all processes together: a token bucket."""

    __tablename__: ClassVar[Any] = "job_rates"
    __table_args__ = (
        sa.CheckConstraint("count > 0 AND seconds > 0", name="positive"),
        {"comment": "Queues whose jobs may begin only so often"},
    )
    metadata: ClassVar[sa.MetaData] = schema.metadata  # pyright: ignore[reportIncompatibleVariableOverride]

    queue: str = column(sa.Text(), "Its name", primary_key=True)
    count: int = column(sa.Integer(), "So many jobs may begin")
    seconds: float = column(sa.Double(), "In so many seconds")
    tokens: float = column(sa.Double(), "How many may begin at once, as of the moment in filled_at")
    filled_at: datetime = column(sa.DateTime(timezone=True), "When tokens were last added", default_factory=now)


class JobCron(SQLModel, table=True):
    """Up to when the minutes of a periodic worker were dealt with."""

    __tablename__: ClassVar[Any] = "job_crons"
    __table_args__ = ({"comment": "How far the clock of each periodic worker has been followed"},)
    metadata: ClassVar[sa.MetaData] = schema.metadata  # pyright: ignore[reportIncompatibleVariableOverride]

    worker: str = column(sa.Text(), "Where its class is", primary_key=True)
    seen_at: datetime = column(sa.DateTime(timezone=True), "The last minute that was looked at")
