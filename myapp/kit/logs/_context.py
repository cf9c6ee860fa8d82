"""What every line of the log says beside its words: which request or event it belongs to, and whose that is.

It lies in one context variable, so it follows `await` and is copied into tasks that are started meanwhile.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=_NOTHING)


def new_request_id(proposed: str = "") -> str:
    """The id that a proxy in front has given, where it is one; else a new one that nobody else has.

    >>> new_request_id("req-01234567"), len(new_request_id("x\\n")), len(new_request_id())
    ('req-01234567', 16, 16)
    """
    return proposed if _SANE.fullmatch(proposed) else secrets.token_hex(8)


def begin(request_id: str, **about: Any) -> None:
    """From here on everything in this task belongs to another request; nothing of the one before is kept."""
    _context.set({"request_id": request_id, **_texts(about)})


def bind(**about: Any) -> None:
    """Say in every line from here on, in this task, what has become known: `bind(user_id=…, org_id=None)`.

    None takes a name away.
    """
    merged = {**_context.get(), **_texts(about)}
    _context.set({name: value for name, value in merged.items() if about.get(name, "") is not None})


@contextmanager
def bound(**about: Any) -> Generator[None]:
    """The same for a block."""
    token = _context.set({**_context.get(), **_texts(about)})
    try:
        yield
    finally:
        _context.reset(token)


def current() -> Mapping[str, str]:
    """What is said of every line here."""
    return _context.get()


def request_id() -> str:
    """The id of the request, event, message or job at hand; a new one where there is none."""
    return _context.get().get("request_id") or new_request_id()


def _texts(about: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in about.items() if value is not None}
