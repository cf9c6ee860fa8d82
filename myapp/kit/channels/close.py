"""Why a connection was closed: `CloseEvent.code` at its client. Those over 4000 are ours (RFC 6455, 7.4.2)."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    """A client may connect again after all of them but LOGGED_OUT, and after TOO_MANY once another one is closed."""

    GOING_AWAY = 1001
    TOO_LARGE = 1009
    MALFORMED = 4400
    LOGGED_OUT = 4401
    IDLE = 4408
    SLOW = 4413
    TOO_MANY = 4429

    @property
    def reason(self) -> str:
        return _REASONS[self]


_REASONS = {
    Close.GOING_AWAY: "the server stops",
    Close.TOO_LARGE: "the message is too large",
    Close.MALFORMED: "that is no message",
    Close.LOGGED_OUT: "your session has ended",
    Close.IDLE: "nothing was heard from you",
    Close.SLOW: "you read too slowly",
    Close.TOO_MANY: "you have too many connections",
}
