"""What has a life of its own, watched by others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from myapp.kit.supervisor._spec import Killed


class Process(Protocol):
    """`ended` is done when it has ended: with None in good order, else with the error that it crashed of."""

    @property
    def ended(self) -> asyncio.Future[None]: ...

    def crash(self, error: BaseException) -> None:
        """Let it crash of this error, unless it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Down:
    """A process has ended; `reason` is what it crashed of, or None."""

    process: Process
    reason: BaseException | None


def monitor(process: Process, callback: Callable[[Down], None]) -> Callable[[], None]:
    """Call `callback` once when the process has ended, at once if it has already; call what comes back to stop that."""

    def down(ended: asyncio.Future[None]) -> None:
        callback(Down(process, Killed("it was killed") if ended.cancelled() else ended.exception()))

    process.ended.add_done_callback(down)

    def forget() -> None:
        process.ended.remove_done_callback(down)

    return forget


def link(one: Process, other: Process) -> Callable[[], None]:
    """When one of them crashes the other crashes of the same; an end in good order means nothing. Call to unlink."""

    def pass_on(to: Process) -> Callable[[Down], None]:
        def down(down: Down) -> None:
            if down.reason is not None:
                to.crash(down.reason)

        return down

    forget = [monitor(one, pass_on(other)), monitor(other, pass_on(one))]

    def unlink() -> None:
        for each in forget:
            each()

    return unlink
