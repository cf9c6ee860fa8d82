"""Which state methods a browser may call: those with our decorator, and no other.

Reflex makes every public method of a state an endpoint that anyone may call with any arguments. Here it is the other
way round: `@event` opens a handler to browsers, `@server_event` keeps it for events that handlers and subscriptions
send, and anything unmarked is refused (`door.py`). An open handler is still a public endpoint: it works out the scope
again, asks the context, and trusts no id in its arguments.

    class PostState(rx.State):
        @event
        async def publish(self) -> None:
            await blog.publish_post(await scope_of(self), self._post_id)

Both take what `rx.event` takes: `background`, `supersedes`, `throttle`, `debounce`, `temporal`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import reflex as rx

_MARK = "_myapp_caller"


class Caller(StrEnum):
    """Who may call a handler."""

    BROWSER = "browser"
    SERVER = "server"


def caller_of(function: Callable[..., Any]) -> Caller | None:
    """Who may call this handler; None when it was never marked."""
    return getattr(function, _MARK, None)


def _decorator(caller: Caller) -> Any:
    def decorate(function: Callable[..., Any] | None = None, **options: Any) -> Any:
        if function is None:
            return lambda handler: decorate(handler, **options)
        setattr(function, _MARK, caller)
        return cast("Any", rx.event)(function, **options)

    return decorate


if TYPE_CHECKING:
    event = server_event = rx.event  # the types are Reflex's own
else:
    event = _decorator(Caller.BROWSER)
    server_event = _decorator(Caller.SERVER)
