"""What the room refuses for reasons of its own."""

from __future__ import annotations

from typing import ClassVar

from myapp.kit.errors import AppError, Conflict, Forbidden
from myapp.kit.i18n import gettext_noop


class LastOwner(Conflict):
    """An organisation without an owner could never be led again."""

    message: ClassVar[str] = gettext_noop("An organisation keeps an owner: make somebody else an owner first.")


class LastOperator(Conflict):
    """A site without an operator could only be led from the command line."""

    message: ClassVar[str] = gettext_noop("The site keeps an operator: make somebody else one first.")


class OneselfKeptOut(Conflict):
    """Who has kept out themselves could not let themselves in again."""

    message: ClassVar[str] = gettext_noop("You cannot keep out yourself.")


class Unconfirmed(Forbidden):
    """Somebody who has not shown yet that the mail address is theirs."""

    message: ClassVar[str] = gettext_noop("Confirm your mail address first: the link is in the mail you got.")


class InvitationClosed(AppError):
    """It was accepted, revoked, or is too old."""

    status: ClassVar[int] = 410
    message: ClassVar[str] = gettext_noop("This invitation can't be used any more. Ask for a new one.")


class WrongPerson(Forbidden):
    """An invitation is for whoever reads the mail of the address it was sent to, and for nobody else."""

    message: ClassVar[str] = gettext_noop("This invitation was sent to another mail address than yours.")
