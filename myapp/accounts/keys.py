"""What an API key looks like, and how one is known again.

    myapp_4fG8kQ2z_Vb…                              a prefix, then 40 letters and digits

It begins with the prefix by which it is found and, in lists, recognised. Of the whole only a SHA-256 is kept, and
compared in constant time: a key is 238 random bits, so nothing slower is needed to keep it from being guessed.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts.schemas import ApiKey
from myapp.kit.clock import now
from myapp.kit.errors import Unauthenticated
from myapp.kit.i18n import gettext_noop

_LETTERS = string.ascii_letters + string.digits  # so that a double click marks all of it
_SHAPE = re.compile(r"(myapp_[A-Za-z0-9]{8})_[A-Za-z0-9]{40}")


class InvalidKey(Unauthenticated):
    """A key that is unknown, revoked or too old."""

    message = gettext_noop("This key is not valid.")


def new_key() -> tuple[str, str]:
    """The prefix of a key that nobody can guess, and all of it."""
    prefix, secret = ("".join(secrets.choice(_LETTERS) for _ in range(count)) for count in (8, 40))
    return f"myapp_{prefix}", f"myapp_{prefix}_{secret}"


def prefix_of(key: str) -> str | None:
    """By what a key is found; None for a text that is none.

    >>> prefix_of("myapp_4fG8kQ2z_" + "x" * 40), prefix_of("myapp_4fG8kQ2z")
    ('myapp_4fG8kQ2z', None)
    """
    match = _SHAPE.fullmatch(key)
    return match[1] if match else None


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return sha256(key.encode()).digest()


def is_key(key: str, hashed: bytes) -> bool:
    """Whether it is the key of this hash, in the same time whatever the answer is."""
    return hmac.compare_digest(hash_of(key), hashed)


def is_good() -> sa.ColumnElement[bool]:
    """Whether a key opens anything."""
    has_time = sa.or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now())
    return sa.and_(col(ApiKey.revoked_at).is_(None), has_time)
