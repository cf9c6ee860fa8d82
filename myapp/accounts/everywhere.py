"""Wherever a person is logged in at once: browsers, and programs that were given the password.

Keys stay: they were made for a program, and are revoked one by one. Only who gives an account up, or has had somebody
else's, loses them, too.
"""

from __future__ import annotations

from uuid import UUID

from myapp.accounts import queries
from myapp.accounts.api_keys import end_api_keys_of
from myapp.accounts.links import delete_links_of
from myapp.accounts.sessions import delete_other_sessions, delete_sessions, end_sessions_of
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


async def end_access(scope: Scope, user_id: UUID) -> None:
    """End all by which somebody comes in, keys and links by mail, too, within the transaction of what it is done for.

    For the system, and for oneself.
    """
    await end_sessions_of(scope, user_id)
    await end_programs_of(scope, user_id)
    await end_api_keys_of(scope, user_id)
    await delete_links_of(user_id)


async def _end_programs(scope: Scope) -> int:
    user_id = queries.holder(scope)
    ended = await end_programs_of(scope, user_id)
    if ended:
        await audit.record(scope, "accounts.programs.ended", "user", user_id, before={"programs": ended})
    return ended
