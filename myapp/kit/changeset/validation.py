"""The rules of a changeset that need no database.

As in Ecto: a rule looks at a change, so what is not to change is not questioned again (`validate_required` is the
exception: it looks at what the field will be), nothing is asked of an empty change, and one rule complains once.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sized
from typing import Any, Literal, Self

from pydantic import BaseModel

from myapp.kit.changeset import messages
from myapp.kit.changeset.casting import CastError, annotation_caster
from myapp.kit.changeset.core import Core

_VISIBLE = re.compile(
    "[^\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\x00-\x1f\x7f-\x9f]"
)
"""Any letter of which something is seen."""

_LENGTHS = {
    "characters": (messages.WRONG_LENGTH, messages.TOO_SHORT, messages.TOO_LONG),
    "bytes": (messages.WRONG_BYTES, messages.TOO_FEW_BYTES, messages.TOO_MANY_BYTES),
    "items": (messages.WRONG_ITEMS, messages.TOO_FEW_ITEMS, messages.TOO_MANY_ITEMS),
}


class Validations[T: BaseModel](Core[T]):
    """Each method returns the changeset, with one more complaint if the rule is broken."""

    def validate_required(self, *names: str, message: str = messages.BLANK) -> Self:
        """The fields will hold something that can be seen: neither nothing nor white space."""
        blank = [name for name in names if is_blank(self.get_field(name)) and not self.has_error(name)]
        changed = self
        for name in blank:
            changed = changed.delete_change(name).add_error(name, message, validation="required")
        return changed

    def validate_change(self, name: str, rule: Callable[[Any], str | None]) -> Self:
        """Your own rule: it gets the new value and returns a message, or None when all is well."""
        value = self.get_field(name) if name in self.changes else None
        if value is None:
            return self
        message = rule(value)
        return self if message is None else self.add_error(name, message, validation="custom")

    def validate_length(
        self,
        name: str,
        *,
        min: int | None = None,  # noqa: A002 - Ecto's name
        max: int | None = None,  # noqa: A002
        is_: int | None = None,
        count: Literal["characters", "bytes"] = "characters",
        message: str | None = None,
    ) -> Self:
        """The length of a text, in characters or in bytes of UTF-8, or of a list."""
        value = self.get_field(name) if name in self.changes else None
        if not isinstance(value, Sized):
            return self
        unit = "items" if not isinstance(value, str) else count
        length = len(value.encode()) if isinstance(value, str) and count == "bytes" else len(value)
        wrong, too_short, too_long = _LENGTHS[unit]
        for bound, broken, text, kind in (
            (is_, length != is_, wrong, "is"),
            (min, min is not None and length < min, too_short, "min"),
            (max, max is not None and length > max, too_long, "max"),
        ):
            if bound is not None and broken:
                return self.add_error(name, message or text, count=bound, validation="length", kind=kind)
        return self

    def validate_format(self, name: str, pattern: str | re.Pattern[str], *, message: str = messages.BAD_FORMAT) -> Self:
        """The pattern is found in the text; anchor it (`\\A…\\Z`) to ask for the whole."""
        value = self.get_change(name)
        if not isinstance(value, str) or re.search(pattern, value):
            return self
        return self.add_error(name, message, validation="format")

    def validate_number(
        self,
        name: str,
        *,
        less_than: Any = None,
        greater_than: Any = None,
        less_than_or_equal_to: Any = None,
        greater_than_or_equal_to: Any = None,
        equal_to: Any = None,
        not_equal_to: Any = None,
        message: str | None = None,
    ) -> Self:
        """How the number compares. Anything ordered will do: integers, decimals, money, dates."""
        value = self.get_change(name)
        if value is None:
            return self
        for bound, holds, text in (
            (less_than, operator.lt, messages.NOT_LESS),
            (greater_than, operator.gt, messages.NOT_GREATER),
            (less_than_or_equal_to, operator.le, messages.TOO_GREAT),
            (greater_than_or_equal_to, operator.ge, messages.TOO_SMALL),
            (equal_to, operator.eq, messages.NOT_EQUAL),
            (not_equal_to, operator.ne, messages.EQUAL),
        ):
            if bound is not None and not holds(value, bound):
                return self.add_error(name, message or text, number=bound, validation="number")
        return self

    def validate_inclusion(self, name: str, values: Collection[object], *, message: str = messages.INVALID) -> Self:
        """The value is one of these."""
        if self.get_change(name) is None or self.changes[name] in values:
            return self
        return self.add_error(name, message, validation="inclusion")

    def validate_exclusion(self, name: str, values: Collection[object], *, message: str = messages.RESERVED) -> Self:
        """The value is none of these."""
        if self.get_change(name) is None or self.changes[name] not in values:
            return self
        return self.add_error(name, message, validation="exclusion")

    def validate_subset(self, name: str, values: Collection[object], *, message: str = messages.BAD_ENTRY) -> Self:
        """Every item of the list is one of these."""
        if all(item in values for item in self.get_change(name) or ()):
            return self
        return self.add_error(name, message, validation="subset")

    def validate_confirmation(self, name: str, *, required: bool = False, message: str = messages.UNCONFIRMED) -> Self:
        """`<name>_confirmation` was sent with the same value. The complaint stands at the confirmation."""
        twin = f"{name}_confirmation"
        if twin in self.params:
            sent, again = self.params.get(name), self.params[twin]
            agrees = not isinstance(sent, (Mapping, list)) and sent == again  # nested values may be endless to compare
            return self if agrees else self.add_error(twin, message, validation="confirmation")
        return self.add_error(twin, messages.BLANK, validation="required") if required else self

    def validate_acceptance(self, name: str, *, message: str = messages.UNACCEPTED) -> Self:
        """The box was ticked. It is no field of the row: only what was sent counts."""
        try:
            accepted = annotation_caster(bool)(self.params.get(name))
        except CastError:
            accepted = False
        return self if accepted or not self.params else self.add_error(name, message, validation="acceptance")


def is_blank(value: object) -> bool:
    """Nothing, or a text of which nothing can be seen, such as a name of zero-width characters. An empty list is
    something.
    """
    return value is None or (isinstance(value, str) and _VISIBLE.search(value) is None)
