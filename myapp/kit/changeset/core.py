"""What a changeset is made of: the row as it was, the changes, the complaints; and how they are read and altered.

Every method returns a new changeset or the same one; none alters it. The row itself is first written by `repo`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

import sqlalchemy as sa
from pydantic import BaseModel

from myapp.kit.changeset.messages import FieldError

type Values = Mapping[str, object]
type Preparation = Callable[[Any], Any | Awaitable[Any]]
"""Gets the changeset and returns it, altered; see `prepare`."""

MAX_VERSION = 2**31 - 1
"""An integer column holds no more; after it the count begins again."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule of the database and the field that a violation is told on."""

    kind: str
    field: str
    name: str
    message: str


@dataclass(frozen=True, eq=False, repr=False)
class Core[T: BaseModel]:
    """The state. `original` holds the values of `data` when the changeset was made: a session may forget them."""

    data: T
    original: Values
    changes: Values = field(default_factory=dict[str, object])
    params: Values = field(default_factory=dict[str, object])
    action: str | None = None
    own_errors: tuple[FieldError, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    preparations: tuple[Preparation, ...] = ()
    filters: Values = field(default_factory=dict[str, object])
    virtual: frozenset[str] = frozenset()
    permitted: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Names only: what was sent may be a password, and this ends up in logs."""
        row, changed = type(self.data).__name__, ", ".join(self.changes) or "nothing"
        return f"<Changeset of {row}: {changed} changed, {len(self.errors)} errors, action {self.action}>"

    def _with(self, **state: object) -> Self:
        """A copy with another state. (`dataclasses.replace` takes six times as long.)"""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(state)
        return copy

    @property
    def valid(self) -> bool:
        """Nothing has been complained about so far, here or in what is embedded."""
        return not self.own_errors and all(part.valid for _, part in self._embedded())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Every complaint, those of embedded values under their path (`address.zip`, `lines.0.price`)."""
        return self.own_errors + tuple(error.under(path) for path, part in self._embedded() for error in part.errors)

    def error_messages(self) -> dict[str, list[str]]:
        """Field to sentences in the reader's language: the one shape of forms, REST and GraphQL."""
        texts: dict[str, list[str]] = {}
        for error in self.errors:
            texts.setdefault(error.field, []).append(error.text())
        return texts

    def has_error(self, name: str) -> bool:
        """Whether this very field was complained about."""
        return any(error.field == name for error in self.own_errors)

    def add_error(self, name: str, message: str, **opts: object) -> Self:
        """Complain about a field; `opts` fill the `%{…}` of the message, after it has been translated."""
        return self._with(own_errors=(*self.own_errors, FieldError(name, message, opts)))

    def with_action(self, action: str | None) -> Self:
        """Say what was tried ("insert", "update", "validate"): forms show complaints only after a try."""
        return self._with(action=action)

    def get_change(self, name: str, default: object = None) -> Any:
        """What the field is to become; `default` when it is not to change."""
        return self.changes.get(name, default)

    def get_field(self, name: str) -> Any:
        """What the field will be: its change, or what it was."""
        if name in self.changes:
            return _plain(self.changes[name])
        return self.original.get(name)

    def input_value(self, name: str) -> object:
        """What a form shows: the change, else what was sent and refused, else what was."""
        if name in self.changes:
            return _plain(self.changes[name])
        return self.params[name] if name in self.params else self.original.get(name)

    def put_change(self, name: str, value: object) -> Self:
        """Set a field without casting; no change at all when it has the value already."""
        self._require(name)
        if name not in self.virtual and name in self.original and same(self.original[name], value):
            return self.delete_change(name)
        return self._with(changes={**self.changes, name: value})

    def update_change(self, name: str, alter: Callable[[Any], object]) -> Self:
        """Pass the change of a field through `alter`, unless there is none or the field is emptied."""
        return self if self.changes.get(name) is None else self.put_change(name, alter(self.changes[name]))

    def delete_change(self, name: str) -> Self:
        """Leave the field as it is."""
        if name not in self.changes:
            return self
        return self._with(changes={key: value for key, value in self.changes.items() if key != name})

    def prepare(self, preparation: Callable[[Self], Self | Awaitable[Self]]) -> Self:
        """Run a function on the changeset just before it is written, within the transaction."""
        return self._with(preparations=(*self.preparations, preparation))

    def optimistic_lock(self, name: str = "version") -> Self:
        """Write only if the row still has the version that this changeset knows (from the form, if it was cast).

        The version counts up with every update. `repo.update` and `repo.delete` raise Conflict on a stale one.
        """
        current = self.get_field(name)
        locked = self._with(filters={**self.filters, name: current})
        following = current + 1 if current and current < MAX_VERSION else 1

        def count_up(changeset: Self) -> Self:
            return changeset.put_change(name, following) if changeset.action == "update" else changeset

        return locked.prepare(count_up)

    def values(self) -> dict[str, object]:
        """The changes that are columns, embedded changesets applied: what is written."""
        return {name: _plain(value) for name, value in self.changes.items() if name not in self.virtual}

    def apply(self) -> T:
        """A copy of the data with the changes in it, valid or not, in no session: for previews and embedded values."""
        if sa.inspect(type(self.data), raiseerr=False) is None:
            return self.data.model_copy(update=self.values())
        fields = type(self.data).model_fields
        return type(self.data)(**{k: v for k, v in (*self.original.items(), *self.values().items()) if k in fields})

    def _require(self, name: str) -> None:
        if name not in self.virtual and name not in type(self.data).model_fields:
            raise ValueError(f"{type(self.data).__name__} has no field {name!r}")

    def _embedded(self) -> list[tuple[str, Core[Any]]]:
        found: list[tuple[str, Core[Any]]] = []
        for name, value in self.changes.items():
            if isinstance(value, Core):
                found.append((name, cast("Core[Any]", value)))
            elif isinstance(value, tuple):
                parts = cast("tuple[object, ...]", value)
                found += [(f"{name}.{at}", part) for at, part in enumerate(parts) if isinstance(part, Core)]
        return found


def same(one: object, other: object) -> bool:
    """Whether writing `other` over `one` changes nothing.

    Within JSON 1, 1.0 and true are different things, and the order of an object's names is nothing.
    """
    if not one == other:  # noqa: SIM201 - `!=` need not be its opposite
        return False
    return _written(cast("object", one)) == _written(other) if isinstance(one, (dict, list)) else True


def _written(value: object) -> object:
    if isinstance(value, dict):
        return {repr(name): _written(item) for name, item in cast("dict[object, object]", value).items()}
    return [_written(item) for item in cast("list[object]", value)] if isinstance(value, list) else repr(value)


def _plain(value: object) -> object:
    if isinstance(value, Core):
        return cast("Core[BaseModel]", value).apply()
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return [_plain(part) for part in parts] if any(isinstance(part, Core) for part in parts) else parts
    return value
