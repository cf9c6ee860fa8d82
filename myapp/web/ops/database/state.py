"""The statement that the address names, with the plan that PostgreSQL makes for it."""

from __future__ import annotations

import reflex as rx

from myapp import ops
from myapp.kit.errors import NotFound, Unavailable
from myapp.ops import NoPlan
from myapp.web.events import server_event
from myapp.web.session import query, scope_of


class StatementState(rx.State):
    """One statement of those that cost most."""

    statement: str = ""
    calls: int = 0
    total: float = 0.0
    slowest: float = 0.0
    plan: str = ""
    refusal: str = ""
    is_gone: bool = False

    @server_event
    async def load(self) -> None:
        """Read what the address names, if it names one."""
        scope = await scope_of(self)
        ops.authorise(scope, "see_operations")
        self.statement = self.plan = self.refusal = ""
        named, self.is_gone = query(self).get("statement", ""), False
        if not named:
            return
        process = query(self).get("of", "")
        try:
            cost = await ops.get_statement(scope, named, process)
            self.statement, self.calls = cost.statement, cost.calls
            self.total, self.slowest = cost.total, cost.slowest
            self.plan = "\n".join(await ops.explain_statement(scope, named, process))
        except (NotFound, Unavailable):
            self.is_gone = True
        except NoPlan as error:
            self.refusal = str(error)
