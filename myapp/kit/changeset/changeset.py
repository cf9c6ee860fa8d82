"""`Changeset` and the two ways to begin one: `cast` for what others sent, `change` for what the code itself sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from typing import cast as typed

import sqlalchemy as sa
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy.orm import Mapper, configure_mappers
from sqlalchemy.orm.attributes import set_attribute

from myapp.kit.changeset.casting import CastError, annotation_caster, caster
from myapp.kit.changeset.constraints import Constraints
from myapp.kit.changeset.core import same
from myapp.kit.changeset.embeds import Embeds
from myapp.kit.changeset.messages import FieldError
from myapp.kit.changeset.validation import Validations

type Attrs = Mapping[str, object]
"""What was sent: a form's fields, a JSON object."""

_NOTHING = object()


class Changeset[T: BaseModel](Validations[T], Constraints[T], Embeds[T]):
    """Changes to one row, with every complaint about them. Begin one with `cast` or `change`."""


def new[T: BaseModel](model: type[T], /, **fields: object) -> T:
    """A row to begin with. What has no default is not there yet: the changeset brings it, or complains.

    Made as SQLAlchemy makes the rows that it loads, in a fifth of the time that SQLModel's constructor takes.
    """
    mapper, defaults = _blueprint(model)
    if mapper is None:
        return model.model_construct(**typed("dict[str, Any]", fields))
    row: T = mapper.class_manager.new_instance()
    for name, info in defaults.items():
        if name not in fields:
            set_attribute(row, name, info.get_default(call_default_factory=True))
    for name, value in fields.items():
        setattr(row, name, value)
    return row


@cache
def _blueprint(model: type[BaseModel]) -> tuple[Mapper[Any] | None, dict[str, FieldInfo]]:
    configure_mappers()
    defaults = {name: info for name, info in model.model_fields.items() if not info.is_required()}
    return sa.inspect(model, raiseerr=False), defaults


def change[T: BaseModel](data: T | Changeset[T], /, **changes: object) -> Changeset[T]:
    """A changeset of values that need no casting.

    >>> from pydantic import BaseModel
    >>> class Guest(BaseModel):
    ...     seats: int = 1
    >>> change(Guest(), seats=2).changes, change(Guest(), seats=1).changes
    ({'seats': 2}, {})
    """
    changeset: Changeset[T] = data if isinstance(data, Changeset) else Changeset(data, dict(data.__dict__))
    for name, value in changes.items():
        changeset = changeset.put_change(name, value)
    return changeset


def cast[T: BaseModel](
    data: T | Changeset[T],
    params: Attrs,
    permitted: Sequence[str],
    *,
    virtual: Mapping[str, object] | None = None,
) -> Changeset[T]:
    """A changeset of those `params` that are `permitted`, each turned into its field's type or complained about.

    Blank text counts as the field's default, most often nothing. `virtual` fields, name to type, are cast and
    validated like others but belong to no column: a password, a list of tag names. `params` may be anything.
    """
    before = change(data)
    sent: Attrs = params if isinstance(typed("object", params), Mapping) else {}
    changes, errors = dict(before.changes), list(before.own_errors)
    model = type(before.data)
    kinds = virtual or {}
    for name in (*permitted, *kinds):
        read = annotation_caster(kinds[name]) if name in kinds else caster(model, name)
        raw = sent.get(name, _NOTHING)
        if raw is _NOTHING:
            continue
        try:
            value = read(raw)
        except CastError as refusal:
            errors.append(FieldError(name, refusal.message, {**refusal.opts, "validation": "cast"}))
            changes.pop(name, None)
            continue
        _record(before, changes, name, value)
    return before._with(  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        changes=changes,
        own_errors=tuple(errors),
        params={**before.params, **sent},
        virtual=before.virtual | kinds.keys(),
        permitted=before.permitted.union(permitted),
    )


def _record(before: Changeset[Any], changes: dict[str, object], name: str, value: object) -> None:
    """Only what differs is a change; a row that has no value yet has None."""
    if same(before.original.get(name), value):
        changes.pop(name, None)
    else:
        changes[name] = value
