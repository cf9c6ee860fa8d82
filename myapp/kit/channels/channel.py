"""What a channel does with the sockets of its topics.

A channel is a class without state of its own; what belongs to one client stands in `socket.assigns`. Its methods run
one after the other for each socket, in the order in which messages came, and beside those of other sockets, so one that
waits holds up nobody else. One that raises something unforeseen ends this socket's membership (`phx_error`: the client
joins again), never the connection. So does one behind which too much waits: 1,000 events and broadcasts, or 4 MiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from myapp.kit.channels._wire import Payload
from myapp.kit.errors import AppError, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated

if TYPE_CHECKING:
    from myapp.kit.channels.socket import Socket


class Refused(Exception):
    """A join or a message is not accepted; `payload` is the error the client gets."""

    def __init__(self, reason: str, **more: object) -> None:
        super().__init__(reason)
        self.payload: dict[str, object] = {"reason": reason, **more}


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` messages in `seconds`."""

    count: int
    seconds: float


class Channel:
    """Override what you need; see the package's docstring for an example."""

    rate: ClassVar[Rate | None] = Rate(20, 60)
    """How many messages a user may send to one topic; None for as many as they like."""
    rates: ClassVar[Mapping[str, Rate]] = {}
    """Events that are counted apart from the others, each with the rate it has."""
    intercept: ClassVar[frozenset[str]] = frozenset()
    """Events of broadcasts that go through `handle_out` for each socket, instead of being sent as they are."""

    # ruff: noqa: ARG002 - those who override them need the arguments
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload | None:
        """Let the client in, and say what it gets for a start. Raises `Refused` or an `AppError` to keep it out."""
        return None

    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Payload | None:
        """Answer a message: what is returned is the `ok` reply, None sends none. `payload` is untrusted."""
        raise Refused("unknown event")

    async def handle_info(self, event: object, socket: Socket) -> None:
        """Something was broadcast by PubSub on a topic that `socket.subscribe` named, or a `Resync`."""

    async def handle_out(self, event: str, payload: Any, socket: Socket) -> None:
        """A broadcast of an intercepted event is about to go to this client: push it, something else, or nothing."""
        socket.push(event, payload)

    async def terminate(self, reason: str, socket: Socket) -> None:
        """The client has left ("left") or was shown out ("dismissed"), its connection is gone ("closed"), or the
        channel failed ("crashed").
        """

    def close(self) -> None:
        """The endpoint stops: let go of what belongs to no socket."""


def refusal(error: Refused | AppError) -> dict[str, object]:
    """What a client is told about an error that was meant."""
    match error:
        case Refused():
            return error.payload
        case Forbidden() | Unauthenticated():
            return {"reason": "unauthorized"}
        case NotFound():
            return {"reason": "not found"}
        case RateLimited():
            return {"reason": "rate limit exceeded", "retry_after": round(error.retry_after, 1)}
        case Invalid():
            return {"reason": "invalid", "errors": error.errors}
        case _:
            return {"reason": str(error)}
