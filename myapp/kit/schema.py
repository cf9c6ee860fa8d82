"""The shape of the database as the models tell it: how constraints are named, and where the models are.

Every constraint and index has a name that follows from its table and columns, so a changeset can turn a violation into
a field error by name, and a migration can drop what it did not create. SQLAlchemy gives the names when a table is
declared, so a module that declares tables imports this one first.

    class Tag(SQLModel, table=True):
        __tablename__ = "tags"
        __table_args__ = (UniqueConstraint("org_id", "slug"), {"comment": "Words that posts are found by"})

        id: UUID = Field(primary_key=True)
        org_id: UUID
        slug: str = column(Text(), "The name as it stands in an address")

The constraint above is `uq_tags_org_id_slug`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, cast

from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

import myapp

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

metadata = SQLModel.metadata
metadata.naming_convention = NAMING

KIT_MODELS = ("myapp.kit.audit", "myapp.kit.jobs.tables", "myapp.kit.mailer", "myapp.kit.names", "myapp.kit.pubsub")


def column(kind: TypeEngine[Any], comment: str, **options: Any) -> Any:
    """A model's field with its exact column type and its comment; `options` are those of SQLModel's `Field`."""
    more = {"comment": comment, **options.pop("sa_column_kwargs", {})}
    return Field(sa_type=cast("Any", kind), sa_column_kwargs=more, **options)


def model_modules() -> list[str]:
    """The modules that declare tables: the platform's own, then `schemas` of every room that has one."""
    houses = [Path(path) for path in myapp.__path__]
    found = {
        place.parent.name for house in houses for place in (*house.glob("*/schemas.py"), *house.glob("*/schemas/"))
    }
    return [*KIT_MODELS, *(f"myapp.{room}.schemas" for room in sorted(found))]


def load_models() -> None:
    """Import them all, so that `metadata` is complete."""
    for name in model_modules():
        importlib.import_module(name)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares this: the tables of libraries, such as `oban_jobs`, are left to their own migrations."""
    return kind != "table" or name in metadata.tables
