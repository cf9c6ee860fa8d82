"""Who looked into a process with the console of its machine, where they could do anything."""

from __future__ import annotations

from myapp.kit import audit
from myapp.kit.console import Attached
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.ops import policy
from myapp.ops.exchange import own_name


async def note_attached(scope: Scope, attached: Attached) -> None:
    """Keep in the audit trail that somebody attached to this process. Raises Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    who = {"user": attached.user, "uid": attached.uid, "pid": attached.pid}
    async with transaction(acting):
        await audit.record(acting, "ops.process.attached", "process", own_name(), after=who)
