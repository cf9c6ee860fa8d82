"""The application as it is served, with a switch: `GET /measuring/off` and `/measuring/on`.

One process for both, as two of the same program differ by some per cent in where their memory lies alone.
"""

from __future__ import annotations

import sys
from typing import Any, override

from bench.servers.channel import answer_http
from bench.servers.product import Measured, serve
from myapp.kit import telemetry
from myapp.web import door

measure = door.measure_until_the_task_ends


def turn_off() -> None:
    """Nobody listens, and live events say nothing."""
    door.measure_until_the_task_ends = lambda _handler: None
    telemetry.detach("metrics")


def turn_on() -> None:
    """As it is served."""
    telemetry.detach("metrics")  # it may be on already
    door.measure_until_the_task_ends = measure
    store = telemetry.store()
    telemetry.attach("metrics", store.events, store.handle)


SWITCH = {"/measuring/off": turn_off, "/measuring/on": turn_on}


class Switched(Measured):
    """The application, what it holds, and the switch."""

    @override
    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        turn = SWITCH.get(scope.get("path", "")) if scope["type"] == "http" else None
        if turn is None:
            await super().__call__(scope, receive, send)
        else:
            turn()
            await answer_http(scope, send, lambda _message: None)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Switched)
