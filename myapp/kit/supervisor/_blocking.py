"""Notices a coroutine that holds up everybody else."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from time import perf_counter
from typing import Any

LIMIT = 0.1
"""Seconds that a step of it, from one `await` to the next, may take."""


@types.coroutine
def watched[T](work: Coroutine[Any, Any, T], report: Callable[[float], None]) -> Generator[Any, Any, T]:
    """Await `work`; `report` is called with the seconds of each step that was too long. Waiting is no step."""
    value: Any = None
    error: BaseException | None = None
    while True:
        began = perf_counter()
        try:
            waits_for = work.send(value) if error is None else work.throw(error)
        except StopIteration as end:
            return end.value
        finally:
            if (spent := perf_counter() - began) > LIMIT:
                report(spent)
        value = error = None
        try:
            value = yield waits_for
        except BaseException as thrown:  # noqa: BLE001 - it is for the coroutine
            error = thrown
