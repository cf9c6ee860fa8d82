"""Tells whoever looks at figures that there are new ones. Apart from the rest, as PubSub itself is measured.

socket.subscribe(TOPIC)                     # a channel's handle_info gets Ticked every 10 s
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from myapp.kit import pubsub

TOPIC = "telemetry"


@pubsub.event("telemetry.ticked")
@dataclass(frozen=True)
class Ticked:
    """A slice ended at `at`, in seconds since 1970: there are new points. Told in this process alone, on `TOPIC`."""

    at: float


def tell(at: float) -> None:
    """Tell those who look, if any."""
    with suppress(RuntimeError):  # while PubSub is started anew nobody can look
        pubsub.local_broadcast(TOPIC, Ticked(at))
