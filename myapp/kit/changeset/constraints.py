"""The rules that only the database can keep, and which field a violation is told on.

A constraint is recognised by its name. Left out, the name is the one the naming convention (`myapp.kit.schema`) gives.
A violation that no changeset names is a bug of ours and stays the error it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Self

from pydantic import BaseModel

from myapp.kit.changeset import messages
from myapp.kit.changeset.core import Constraint, Core

UNIQUE, FOREIGN_KEY, CHECK, EXCLUSION = "unique", "foreign_key", "check", "exclusion"

KINDS: Final = {
    "23505": UNIQUE,
    "23503": FOREIGN_KEY,
    "23001": FOREIGN_KEY,  # what PostgreSQL 18 says of ON DELETE RESTRICT
    "23514": CHECK,
    "23P01": EXCLUSION,
}
"""PostgreSQL's codes (SQLSTATE), https://www.postgresql.org/docs/current/errcodes-appendix.html."""


class Constraints[T: BaseModel](Core[T]):
    """Each method names one constraint of the table."""

    def unique_constraint(
        self, fields: str | Sequence[str], *, name: str | None = None, message: str = messages.TAKEN
    ) -> Self:
        """A unique constraint or index, over expressions too. Of several fields the first gets the complaint."""
        names = [fields] if isinstance(fields, str) else list(fields)
        return self._constrained(UNIQUE, names[0], name or f"uq_{self._table}_{'_'.join(names)}", message)

    def foreign_key_constraint(self, field: str, *, name: str | None = None, message: str = messages.MISSING) -> Self:
        """What the field refers to exists."""
        return self._constrained(FOREIGN_KEY, field, name or f"fk_{self._table}_{field}", message)

    def no_assoc_constraint(self, field: str, *, name: str, message: str = messages.REFERENCED) -> Self:
        """Nothing refers to the row that is to be deleted. `name` is a foreign key of the other table."""
        return self._constrained(FOREIGN_KEY, field, name, message)

    def check_constraint(self, field: str, *, name: str | None = None, message: str = messages.INVALID) -> Self:
        """A check of the table; without a name the one called `ck_<table>_<field>`."""
        return self._constrained(CHECK, field, name or f"ck_{self._table}_{field}", message)

    def exclusion_constraint(self, field: str, *, name: str | None = None, message: str = messages.EXCLUDED) -> Self:
        """No other row overlaps this one."""
        return self._constrained(EXCLUSION, field, name or f"ex_{self._table}_{field}", message)

    @property
    def _table(self) -> str:
        return str(getattr(type(self.data), "__tablename__", type(self.data).__name__.lower()))

    def _constrained(self, kind: str, field: str, name: str, message: str) -> Self:
        return self._with(constraints=(*self.constraints, Constraint(kind, field, name, message)))

    def constraint_error(self, sqlstate: str | None, name: str | None) -> Self | None:
        """This changeset with the complaint for a violation, or None when it does not know the constraint."""
        kind = KINDS.get(sqlstate or "")
        for constraint in self.constraints:
            if constraint.kind == kind and constraint.name == name:
                return self.add_error(constraint.field, constraint.message, constraint=kind, constraint_name=name)
        return None

    def blank_error(self, field: str) -> Self | None:
        """This changeset with the complaint for a missing value; None when it was not the sender's to fill."""
        if field not in self.permitted and field not in self.changes:
            return None
        return self.add_error(field, messages.BLANK, validation="required")

    def too_long_error(self, lengths: Mapping[str, int]) -> Self | None:
        """This changeset with a complaint about every text over the length of its column, or None if none is."""
        long = [name for name, most in lengths.items() if len(str(self.values().get(name, ""))) > most]
        changed = self
        for name in long:
            changed = changed.add_error(name, messages.TOO_LONG, count=lengths[name], validation="length", kind="max")
        return changed if long else None
