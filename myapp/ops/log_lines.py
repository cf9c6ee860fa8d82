"""The log of all processes as each has it in memory: what went wrong, what happened in one request, the last lines.

A process that does not answer in time is named, as its lines are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.ops import policy
from myapp.ops.exchange import ask, own_name, unpacked
from myapp.ops.news import looks_at_the_log
from myapp.ops.own_log import MOST, own_lines, unpack_lines

MAX_WORDS = 100  # characters of a search, or of a request's id


class LoggedLine(NamedTuple):
    """A line, and the process that logged it."""

    process: str
    line: Line


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines of the processes that answered, this one first among these; `silent` did not in time."""

    lines: tuple[LoggedLine, ...]
    processes: tuple[str, ...]
    silent: tuple[str, ...]


async def list_log_lines(scope: Scope, *, request_id: str = "", words: str = "") -> LogPage:
    """Those of one request, in their order; else those with the words in them, the newest first. 200 at most.

    Other processes are asked: half a second at most. Raises Forbidden, Unauthenticated.
    """
    policy.authorise(scope, "see_operations")
    if request_id:
        return await _listed(f"log:{request_id[:MAX_WORDS]}", is_newest_first=False)
    return await _listed(f"words:{words[:MAX_WORDS]}")


async def list_errors(scope: Scope) -> LogPage:
    """What went wrong, the newest first, 200 at most, of all processes. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return await _listed("errors:")


async def _listed(question: str, *, is_newest_first: bool = True) -> LogPage:
    looks_at_the_log()
    answers = await ask(question)
    found = {own_name(): own_lines(question), **unpacked(answers.said, unpack_lines)}
    return LogPage(_merged(found, is_newest_first=is_newest_first), tuple(found), answers.silent)


def _merged(found: Mapping[str, Sequence[Line]], *, is_newest_first: bool) -> tuple[LoggedLine, ...]:
    """Each process tells its best 200, so that the best 200 of all are among them."""
    lines = [LoggedLine(process, line) for process, lines in found.items() for line in lines]
    return tuple(sorted(lines, key=lambda each: each.line.at, reverse=is_newest_first)[:MOST])
