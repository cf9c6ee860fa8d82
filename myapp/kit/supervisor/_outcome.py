"""What a server is told, what its callbacks give, and what may come of a call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

type Outcome[S] = S | Continue[S] | Stop[S]
type Kind = Literal["call", "cast", "info", "continue"]


@dataclass(frozen=True, slots=True)
class Reply[S]:
    """The answer to a call, and what is to be next: a state, `Continue` or `Stop`."""

    value: object
    then: Outcome[S]


@dataclass(frozen=True, slots=True)
class Continue[S]:
    """This state, and `handle_continue(what)` before the next message."""

    state: S
    what: object


@dataclass(frozen=True, slots=True)
class Stop[S]:
    """End in good order, with this state for `terminate`."""

    state: S


@dataclass(slots=True)
class Message:
    """What waits in a mailbox; who calls waits for `answer`."""

    kind: Kind
    body: object
    answer: asyncio.Future[Any] | None = None


class NotAlive(Exception):
    """The server has ended, or ends before it answers."""


class CallTimeout(TimeoutError):
    """It did not answer in time. It may still do what it was asked for."""


class Unborn:
    """The state of one that has none yet."""
