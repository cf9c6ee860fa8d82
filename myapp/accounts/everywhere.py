"""Wherever a person is logged in at once: browsers, and programs that were given the password.

Keys stay: they were made for a program, and are revoked one by one.
"""

from __future__ import annotations

from myapp.accounts import queries
from myapp.accounts.sessions import delete_other_sessions, delete_sessions
from myapp.accounts.token_families import end_programs_of
from myapp.kit import audit
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope


async def log_out_elsewhere(scope: Scope) -> int:
    """Log oneself out of every browser but the one at hand, and of every program; how many that were."""
    async with transaction(scope.outside):
        return await delete_other_sessions(scope) + await _end_programs(scope.outside)


async def log_out_everywhere(scope: Scope) -> int:
    """The same with the browser at hand."""
    async with transaction(scope.outside):
        return await delete_sessions(scope) + await _end_programs(scope.outside)


async def _end_programs(scope: Scope) -> int:
    user_id = queries.holder(scope)
    ended = await end_programs_of(scope, user_id)
    if ended:
        await audit.record(scope, "accounts.programs.ended", "user", user_id, before={"programs": ended})
    return ended
