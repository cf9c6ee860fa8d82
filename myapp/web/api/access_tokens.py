"""What a program shows with each request: a JWT (RFC 7519) that says for 15 minutes which log-in it belongs to.

    token = access_tokens().write(tokens.user_id, tokens.family_id)
    access_tokens().read(token)                 # the family's id; None for what is forged, too old or for others

It is signed with a key that only follows from the secret one, by one algorithm whatever its header claims, and names
who gave it for which interface. It proves nothing by itself: the log-in is looked up at every request, so that one
which was ended is over at once.
"""

from __future__ import annotations

import hashlib
import time
from uuid import UUID

import jwt

from myapp.config import Settings

LIFETIME = 15 * 60  # seconds
_ALGORITHM = "HS256"
_CLAIMS = ["iss", "aud", "sub", "sid", "iat", "exp"]


class AccessTokens:
    """Writes and reads the access tokens of one site."""

    def __init__(self, settings: Settings) -> None:
        self._key = hashlib.sha256(b"access token\0" + settings.secret_key.encode()).digest()
        self._issuer = settings.public_url
        self._audience = f"{settings.public_url}/api"

    def write(self, user_id: UUID, family_id: UUID) -> str:
        """A token for `LIFETIME` seconds."""
        moment = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(family_id),
            "iat": moment,
            "exp": moment + LIFETIME,
        }
        return jwt.encode(claims, self._key, _ALGORITHM)

    def read(self, token: str) -> UUID | None:
        """The family it was given to; None when it is worth nothing."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": _CLAIMS, "strict_aud": True},
            )
            return UUID(claims["sid"])
        except (jwt.InvalidTokenError, ValueError, AttributeError):
            return None


_tokens: AccessTokens | None = None


def use(tokens: AccessTokens | None) -> None:
    """Name those of this process; `myapp.py` does at start, and a test for itself."""
    global _tokens  # noqa: PLW0603 - the one place a process keeps them
    _tokens = tokens


def access_tokens() -> AccessTokens:
    """Those of this process."""
    if _tokens is None:
        raise RuntimeError("access tokens are not set up: myapp.py does it when the app is made")
    return _tokens
