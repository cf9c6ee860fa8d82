"""The log of this process as it is in memory, as it is asked for here and by other processes, and as it travels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from myapp.kit import logs
from myapp.kit.logs import Line
from myapp.ops.travelling import pack, unpack

MOST = 200
LONGEST = 4000  # characters of a message or a traceback that travel


def own_lines(question: str) -> list[Line]:
    """The 200 that answer it best: `log:<request>` in their order, `errors:` and `words:<words>` the newest first."""
    kind, _, subject = question.partition(":")
    match kind:
        case "log":
            return logs.of_request(subject)[:MOST]
        case "errors":
            return logs.errors(MOST)
        case _:
            return logs.recent(MOST, containing=subject)


def pack_lines(lines: Sequence[Line]) -> str:
    """As they travel to another process."""
    told = [replace(each, message=each.message[:LONGEST], traceback=each.traceback[-LONGEST:]) for each in lines]
    return pack(told)


def unpack_lines(packed: str) -> list[Line]:
    """What travelled. Raises ValueError for what is none."""
    try:
        plain: list[dict[str, Any]] = unpack(packed)
        for each in plain:
            each["at"] = datetime.fromisoformat(each["at"])
        return [Line(**each) for each in plain]
    except (KeyError, TypeError) as error:
        raise ValueError("these are no lines") from error
