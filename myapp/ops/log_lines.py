"""The log of this process as it is in memory: what went wrong, what happened in one request, and the last lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from myapp.kit import logs
from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.ops import policy

MOST = 200
TRACEBACK = 4000  # characters that travel
MAX_WORDS = 100  # characters of a search


async def list_log_lines(scope: Scope, *, request_id: str = "", words: str = "") -> list[Line]:
    """Those of one request, in their order; else those with the words in them, the newest first. 200 at most.

    Raises Forbidden, Unauthenticated.
    """
    policy.authorise(scope, "see_operations")
    if request_id:
        return logs.of_request(request_id)[:MOST]
    return logs.recent(MOST, containing=words[:MAX_WORDS])


async def list_errors(scope: Scope) -> list[Line]:
    """What went wrong, the newest first, 200 at most. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return logs.errors(MOST)


def pack_lines(lines: Sequence[Line]) -> str:
    """As they travel to another process; nothing of none."""
    told = [replace(line, traceback=line.traceback[-TRACEBACK:]) for line in lines]
    return orjson.dumps(told, default=str).decode() if told else ""


def unpack_lines(packed: str) -> list[Line]:
    """What travelled. Raises ValueError for what is none."""
    try:
        plain: list[dict[str, Any]] = orjson.loads(packed)
        for each in plain:
            each["at"] = datetime.fromisoformat(each["at"])
        return [Line(**each) for each in plain]
    except (KeyError, TypeError) as error:
        raise ValueError("these are no lines") from error
