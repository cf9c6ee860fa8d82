"""A mail as the rooms hand it in, and as the message that travels (RFC 5322)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
MAX_SUBJECT = 200  # characters


class BadAddress(ValueError):
    """No mail can go there."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person. `kind` is a stable name such as `accounts.reset`.

    The same mail is not taken a second time within a minute. What "the same" means is `key`; without one it is to whom,
    what about, and every word.
    """

    to: str
    subject: str
    text: str
    html: str
    kind: str
    locale: str
    key: str | None = None

    @property
    def fingerprint(self) -> str:
        """What tells this mail from others, without saying what is in it."""
        parts = [self.key] if self.key is not None else [self.subject, self.text, self.html]
        return hashlib.sha256("\0".join([self.kind, self.to.lower(), *parts]).encode()).hexdigest()


def message(mail_id: UUID, mail: Mail, *, sender: str, moment: datetime) -> EmailMessage:
    """The message. Raises BadAddress when the mail has nobody to go to."""
    from_name, from_address = parseaddr(sender)
    author = address(from_address, from_name)
    made = EmailMessage(policy=SMTP)
    made["From"] = author
    made["To"] = address(mail.to)
    made["Subject"] = one_line(mail.subject)[:MAX_SUBJECT]
    made["Date"] = format_datetime(moment)
    made["Message-ID"] = f"<{mail_id}@{author.domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
    # As quoted-printable no line of a person's is ever a line of the protocol.
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = mail.locale  # last: what was there before would belong to the first part alone
    return made


def address(text: str, name: str = "") -> Address:
    """A mailbox. What has a meaning of its own before the @ is quoted; a domain has letters, digits and dashes."""
    user, at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddress("the domain is none") from None
    if not (at and user and _DOMAIN.fullmatch(domain)) or one_line(user) != user or " " in user or "@" in user:
        raise BadAddress("not a mail address")
    return Address(one_line(name), username=user, domain=domain)


def one_line(text: str) -> str:
    """The words with single spaces between them: no line ends, no other control characters.

    >>> one_line("Hello\\r\\nBcc: everybody@example.org")
    'Hello Bcc: everybody@example.org'
    """
    return " ".join(
        "".join(" " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter for letter in text).split()
    )
