"""Random values that prove who somebody is: what a browser's cookie holds, and what is sent by mail.

A token is 32 random bytes in 43 letters. Only its SHA-256 is kept, and it is looked up by that: the database cannot be
read for tokens, and how long a look-up takes says nothing about those there are.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """One that nobody can guess, in letters that are safe in cookies and addresses."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes | None:
    """What is kept of a token; None for a text that is none.

    >>> digest("x") is None, len(digest(new_token()) or b"")
    (True, 32)
    """
    return sha256(token.encode()).digest() if _SHAPE.fullmatch(token) else None
