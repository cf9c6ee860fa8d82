"""The sentences of changesets: Ecto's own texts, kept as a template with its numbers until somebody reads them.

A template stands in the catalogues as it stands here, `%{count}` included; what is counted takes the plural form.

    >>> FieldError("title", TOO_SHORT, {"count": 3}).text()
    'should be at least 3 character(s)'
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

from myapp.kit.i18n import gettext, gettext_noop, ngettext


def ngettext_noop(singular: str, plural: str) -> str:
    """Mark a counted text; Ecto writes one text for both, and a catalogue tells them apart."""
    assert singular == plural  # noqa: S101 - a mistake in this file, not in what somebody sent
    return singular


BLANK: Final = gettext_noop("can't be blank")
INVALID: Final = gettext_noop("is invalid")
BAD_FORMAT: Final = gettext_noop("has invalid format")
BAD_ENTRY: Final = gettext_noop("has an invalid entry")
RESERVED: Final = gettext_noop("is reserved")
UNCONFIRMED: Final = gettext_noop("does not match confirmation")
UNACCEPTED: Final = gettext_noop("must be accepted")
TAKEN: Final = gettext_noop("has already been taken")
MISSING: Final = gettext_noop("does not exist")
REFERENCED: Final = gettext_noop("are still associated with this entry")
EXCLUDED: Final = gettext_noop("violates an exclusion constraint")

WRONG_LENGTH: Final = ngettext_noop("should be %{count} character(s)", "should be %{count} character(s)")
TOO_SHORT: Final = ngettext_noop("should be at least %{count} character(s)", "should be at least %{count} character(s)")
TOO_LONG: Final = ngettext_noop("should be at most %{count} character(s)", "should be at most %{count} character(s)")
WRONG_BYTES: Final = ngettext_noop("should be %{count} byte(s)", "should be %{count} byte(s)")
TOO_FEW_BYTES: Final = ngettext_noop("should be at least %{count} byte(s)", "should be at least %{count} byte(s)")
TOO_MANY_BYTES: Final = ngettext_noop("should be at most %{count} byte(s)", "should be at most %{count} byte(s)")
WRONG_ITEMS: Final = ngettext_noop("should have %{count} item(s)", "should have %{count} item(s)")
TOO_FEW_ITEMS: Final = ngettext_noop("should have at least %{count} item(s)", "should have at least %{count} item(s)")
TOO_MANY_ITEMS: Final = ngettext_noop("should have at most %{count} item(s)", "should have at most %{count} item(s)")

NOT_LESS: Final = gettext_noop("must be less than %{number}")
NOT_GREATER: Final = gettext_noop("must be greater than %{number}")
TOO_GREAT: Final = gettext_noop("must be less than or equal to %{number}")
TOO_SMALL: Final = gettext_noop("must be greater than or equal to %{number}")
NOT_EQUAL: Final = gettext_noop("must be equal to %{number}")
EQUAL: Final = gettext_noop("must be not equal to %{number}")

_HOLE = re.compile(r"%\{(\w+)\}")


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint about one field. `field` is a path: `zip` of the embedded `address` is `address.zip`."""

    field: str
    message: str
    opts: Mapping[str, object] = dataclasses.field(default_factory=dict[str, object])

    def text(self) -> str:
        """The sentence in the reader's language."""
        count = self.opts.get("count")
        known = isinstance(count, int)
        template = ngettext(self.message, self.message, count) if known else gettext(self.message)
        return _HOLE.sub(lambda hole: str(self.opts.get(hole[1], hole[0])), template)

    def under(self, path: str) -> FieldError:
        """The same complaint, seen from what `path` leads from."""
        return FieldError(f"{path}.{self.field}", self.message, self.opts)
