"""What every line of the log says beside its words: which request or event it belongs to, and whose that is.

A request in this sense is whatever begins something: an HTTP request, a live event, a message of a channel, a run of a
job. It lies in a context variable, so it follows `await`, and tasks that are started meanwhile belong to it, too.
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


class Request:
    """One of them. Most log nothing, so its id is made when it is asked for."""

    __slots__ = ("_about", "_id")

    def __init__(self, request_id: str, about: dict[str, Any]) -> None:
        self._id = request_id
        self._about = about

    @property
    def id(self) -> str:
        """Unlike any other."""
        if not self._id:
            self._id = new_request_id()
        return self._id

    @property
    def about(self) -> Mapping[str, str]:
        """Its id, and what has become known of it."""
        return {"request_id": self.id} | {name: str(each) for name, each in self._about.items() if each is not None}

    def learn(self, about: Mapping[str, Any]) -> None:
        """Know more about it. None takes a name away."""
        self._about.update(about)

    def with_more(self, about: Mapping[str, Any]) -> Request:
        """The same request, of which a part knows more."""
        return Request(self.id, {**self._about, **about})


_request: ContextVar[Request | None] = ContextVar("request", default=None)


def new_request_id(proposed: str = "") -> str:
    """The id that a proxy in front has given, where it is one; else a new one that nobody else has.

    >>> new_request_id("req-01234567"), len(new_request_id("x\\n")), len(new_request_id())
    ('req-01234567', 16, 16)
    """
    return proposed if _SANE.fullmatch(proposed) else secrets.token_hex(8)


def begin(request_id: str = "", **about: Any) -> Request:
    """From here on everything in this task belongs to another request; nothing of the one before is kept."""
    request = Request(request_id, about)
    _request.set(request)
    return request


def resume(request: Request) -> None:
    """From here on everything in this task belongs to this request again."""
    _request.set(request)


def bind(**about: Any) -> None:
    """Say in every line of the request at hand what has become known: `bind(user_id=…, org_id=None)`."""
    request = _request.get()
    if request is not None:
        request.learn(about)


@contextmanager
def bound(**about: Any) -> Generator[None]:
    """The same for a block; where there is no request, the block is one."""
    outer = _request.get()
    token = _request.set(outer.with_more(about) if outer else Request("", about))
    try:
        yield
    finally:
        _request.reset(token)


def current() -> Mapping[str, str]:
    """What is said of every line here."""
    request = _request.get()
    return _NOTHING if request is None else request.about


def request_id() -> str:
    """The id of the request at hand; a new one where there is none."""
    request = _request.get()
    return new_request_id() if request is None else request.id
