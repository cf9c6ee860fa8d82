"""What we give out and must be able to trust when it comes back: who wrote it, for which purpose, and when.

>>> signer = Signer("a secret that only the server knows", "invitation", max_age=60)
>>> signer.verify(signer.sign(b"ada")).content
b'ada'
>>> Signer("a secret that only the server knows", "something else", max_age=60).verify(signer.sign(b"ada")) is None
True

The content can be read by everybody. What `Phoenix.Token` is for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

_VERSION = b"1"
_TIME = 5  # bytes of the moment of signing, in whole seconds
SKEW = 60  # seconds that the clocks of two processes may differ by, or one may be set back by


@dataclass(frozen=True, slots=True)
class Signed:
    """A content that we have signed, and when: seconds since 1970."""

    content: bytes
    at: int


class Signer:
    """Signs for one purpose; what was signed for another is worth nothing here. `max_age` is in seconds."""

    def __init__(self, secret: str, purpose: str, *, max_age: int) -> None:
        self._key = hashlib.sha256(purpose.encode() + b"\0" + secret.encode()).digest()
        self._max_age = max_age

    def sign(self, content: bytes) -> str:
        """The content with the time and the signature, in letters that are safe in cookies and URLs."""
        stamped = _VERSION + content + int(time.time()).to_bytes(_TIME)
        return _encode(stamped) + "." + _encode(self._signature(stamped))

    def verify(self, text: str) -> Signed | None:
        """What was signed; None when it is forged, damaged, too old, or more ahead of us than clocks may differ."""
        stamped, signature = (_decode(part) for part in text.partition(".")[::2])
        if not hmac.compare_digest(self._signature(stamped), signature) or stamped[:1] != _VERSION:
            return None
        at = int.from_bytes(stamped[-_TIME:])
        if not -SKEW <= time.time() - at <= self._max_age:
            return None
        return Signed(stamped[1:-_TIME], at)

    def _signature(self, stamped: bytes) -> bytes:
        return hmac.digest(self._key, stamped, "sha256")


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except ValueError:
        return b""
