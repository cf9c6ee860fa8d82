"""The log of this process as it is in memory: what went wrong, what happened in one request, and the last lines."""

from __future__ import annotations

from myapp.kit import logs
from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.ops import policy

MOST = 200
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
