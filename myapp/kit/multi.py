"""Several writes that belong together, as a value: named steps, each of which sees what those before it gave.

    def sign_up(attrs: Attrs) -> Multi:
        return (
            Multi()
            .insert("user", User.changeset(new(User), attrs))
            .insert("membership", lambda done: Membership.changeset(new(Membership, user_id=done["user"].id), attrs))
            .run("mail", lambda done: enqueue_welcome(done["user"]))
        )

    try:
        done = await sign_up(attrs).execute(scope)
    except MultiError as failure:
        failure.step, failure.error, failure.results     # "user", Invalid(…), {}

What always holds: the steps run in order and in one transaction (a savepoint, within another), so after a failure
nothing of them is left and none of their after-commit hooks runs; no two steps have one name; a changeset that is
invalid from the start stops it all before the database is asked. A `Multi` never changes: each method returns a new
one, and its `names` can be read without a database.

Ecto.Multi. As there, a failure is what the product expects (an `AppError`: Invalid, Conflict, NotFound …); any other
exception is a bug and goes on its way, with a note of the step it came from.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from myapp.kit import bulk, repo
from myapp.kit.changeset import Changeset
from myapp.kit.errors import AppError, Invalid
from myapp.kit.scope import Scope

type Results = Mapping[str, Any]
"""What the steps so far gave, by name."""
type Given[V] = V | Callable[[Results], V | Awaitable[V]]
"""A value, or a function, async or not, that makes it of the results so far."""


class MultiError(AppError):
    """A step failed, and nothing is written. Its status and sentence are those of `error`."""

    def __init__(self, step: str, error: AppError, results: Results) -> None:
        super().__init__(str(error))
        self.step = step
        self.error = error
        self.results = results
        self.status = error.status  # pyright: ignore[reportAttributeAccessIssue] - elsewhere it is the class's


@dataclass(frozen=True, slots=True)
class _Step:
    """`name` is None where steps are first known when it is its turn."""

    name: str | None
    act: Callable[[dict[str, Any]], Awaitable[Any]]
    changeset: Changeset[Any] | None = None


@dataclass(frozen=True, slots=True)
class Multi:
    """Steps to be executed together. Begin with `Multi()`."""

    steps: tuple[_Step, ...] = ()

    @property
    def names(self) -> list[str]:
        """The steps in order, without those of a `merge` by function."""
        return [step.name for step in self.steps if step.name is not None]

    def put(self, name: str, value: object) -> Multi:
        """A result that is there already, for later steps to see."""

        async def act(_done: Results) -> object:
            return value

        return self._then(name, act)

    def run(self, name: str, act: Callable[[Results], Any]) -> Multi:
        """Anything else: a function, async or not, of the results so far; what it returns is its result."""

        async def perform(done: Results) -> Any:
            return await _value(act, done)

        return self._then(name, perform)

    def insert(self, name: str, changeset: Given[Changeset[Any]]) -> Multi:
        """`repo.insert`; the row is its result."""
        return self._write(name, changeset, repo.insert)

    def update(self, name: str, changeset: Given[Changeset[Any]]) -> Multi:
        """`repo.update`; the row is its result."""
        return self._write(name, changeset, repo.update)

    def delete(self, name: str, target: Given[SQLModel | Changeset[Any]]) -> Multi:
        """`repo.delete` of a row or changeset."""
        return self._write(name, target, repo.delete)

    def insert_all(
        self, name: str, model: type[SQLModel], rows: Given[Iterable[Any] | sa.Select[Any]], **options: Any
    ) -> Multi:
        """`bulk.insert_all` with its options; how many rows, or what they returned, is its result."""

        async def act(done: Results) -> Any:
            write: Any = bulk.insert_all
            return await write(model, await _value(rows, done), **options)

        return self._then(name, act)

    def append(self, other: Multi) -> Multi:
        """The steps of another after these. Raises ValueError if the two share a name."""
        return _checked(Multi((*self.steps, *other.steps)))

    def merge(self, make: Callable[[Results], Multi]) -> Multi:
        """Steps that depend on the results so far: they run when it is their turn, and join the others' results."""

        async def act(done: dict[str, Any]) -> None:
            await make(MappingProxyType(done))._perform(done)  # noqa: SLF001

        return Multi((*self.steps, _Step(None, act)))

    async def execute(self, scope: Scope) -> dict[str, Any]:
        """Run every step in a transaction for this scope, and return their results by name. Raises MultiError."""
        for step in self.steps:
            if step.name is not None and step.changeset is not None and not step.changeset.valid:
                raise MultiError(step.name, Invalid(step.changeset), {})
        done: dict[str, Any] = {}
        async with repo.transaction(scope):
            await self._perform(done)
        return done

    async def _perform(self, done: dict[str, Any]) -> None:
        for step in self.steps:
            if step.name in done:  # by a `merge`, whose names are first known when it is its turn
                raise ValueError(f"two steps are called {step.name}")
            try:
                result = await step.act(done)
            except AppError as error:
                if step.name is None:
                    raise
                raise MultiError(step.name, error, dict(done)) from error
            except Exception as bug:
                if step.name is not None:
                    bug.add_note(f"in step {step.name!r} of a Multi")
                raise
            if step.name is not None:
                done[step.name] = result

    def _write(self, name: str, given: Any, write: Callable[[Any], Awaitable[Any]]) -> Multi:
        async def act(done: Results) -> Any:
            return await write(await _value(given, done))

        return self._then(name, act, cast("Changeset[Any]", given) if isinstance(given, Changeset) else None)

    def _then(
        self, name: str, act: Callable[[dict[str, Any]], Awaitable[Any]], changeset: Changeset[Any] | None = None
    ) -> Multi:
        return _checked(Multi((*self.steps, _Step(name, act, changeset))))


def _checked(multi: Multi) -> Multi:
    names = multi.names
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two steps are called {', '.join(sorted(twice))}")
    return multi


async def _value(given: Any, done: Results) -> Any:
    """What was given, or what the function that was given makes of the results so far."""
    value = given(MappingProxyType(dict(done))) if callable(given) else given
    return await value if inspect.isawaitable(value) else value
