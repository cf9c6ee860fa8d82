"""The one family of errors the product raises on purpose.

A room adds subclasses where a caller wants to tell cases apart. Edges (pages, HTTP, channels) translate the family
once: field errors or a flash for people, a status and `{"errors": …}` for programs. Anything outside the family is a
bug, and is logged with its request id.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from myapp.kit.i18n import gettext, gettext_noop, ngettext

if TYPE_CHECKING:
    from myapp.kit.changeset import Changeset


class AppError(Exception):
    """Base of every expected failure; `status` is its HTTP status, `str(error)` a sentence in the person's language."""

    status: ClassVar[int] = 400
    message: ClassVar[str] = gettext_noop("This did not work.")

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or gettext(self.message))


class Invalid(AppError):
    """The changeset's rules, or a constraint of the database, refused the change."""

    status = 422
    message = gettext_noop("Some fields need attention.")

    def __init__(self, changeset: Changeset[Any]) -> None:
        super().__init__()
        self.changeset = changeset

    @property
    def errors(self) -> dict[str, list[str]]:
        """Field name to sentences in the reader's language: the shape forms, REST and GraphQL share."""
        return self.changeset.error_messages()


class Unauthenticated(AppError):
    """Nobody is logged in, and this needs somebody."""

    status = 401
    message = gettext_noop("Log in to continue.")


class Forbidden(AppError):
    """The scope sees the thing and may not do this to it."""

    status = 403
    message = gettext_noop("You are not allowed to do that.")


class NotFound(AppError):
    """It does not exist, or the scope may not know that it does: the two look the same."""

    status = 404
    message = gettext_noop("We could not find that.")


class Conflict(AppError):
    """Somebody else changed the same thing first."""

    status = 409
    message = gettext_noop("Somebody else changed this in the meantime.")


class RateLimited(AppError):
    """Too many tries; `retry_after` is in seconds."""

    status = 429

    def __init__(self, retry_after: float) -> None:
        minutes = ceil(retry_after / 60)
        said = ngettext(
            "Too many tries. Try again in %(count)s minute.", "Too many tries. Try again in %(count)s minutes.", minutes
        )
        super().__init__(said % {"count": minutes})
        self.retry_after = retry_after


class Unavailable(AppError):
    """What it needs, such as another service, is out of order; `retry_after` is in seconds."""

    status = 503
    message = gettext_noop("This does not work at the moment. Try it again later.")

    def __init__(self, retry_after: float, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
