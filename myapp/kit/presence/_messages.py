"""What processes tell each other about the people in them.

Each process counts the batches it has told: its version. Whoever knows a process up to version 7 can apply a `Delta`
since 7; whoever hears of anything later has missed something, and asks for a `Snapshot`. The state of a process is a
function of its version, as nobody but itself changes it, so no hash is needed beside it.

A person is sent as `(number, key, meta)`: the process's own number for it, and the meta's JSON as text.
"""

from __future__ import annotations

from dataclasses import dataclass

from myapp.kit import pubsub

type Rows = dict[str, list[tuple[int, str, str]]]
"""People by topic."""


@pubsub.event("presence.delta", is_kept=False)
@dataclass(frozen=True)
class Delta:
    """What has changed in a process since its version `since`, which brings it to `version`."""

    node: str
    since: int
    version: int
    joins: Rows
    leaves: list[int]


@pubsub.event("presence.snapshot", is_kept=False)
@dataclass(frozen=True)
class Snapshot:
    """Everybody in a process."""

    node: str
    version: int
    joins: Rows


@pubsub.event("presence.heartbeat", is_kept=False)
@dataclass(frozen=True)
class Heartbeat:
    """A process is alive, and how far it has got. `is_question` asks the others for a heartbeat in turn."""

    node: str
    version: int
    is_question: bool = False


@pubsub.event("presence.wanted", is_kept=False)
@dataclass(frozen=True)
class Wanted:
    """`asker` needs the snapshot of `node`."""

    node: str
    asker: str


@pubsub.event("presence.gone", is_kept=False)
@dataclass(frozen=True)
class Gone:
    """A process ends, and everybody in it has left."""

    node: str


type Message = Delta | Snapshot | Heartbeat | Wanted | Gone
