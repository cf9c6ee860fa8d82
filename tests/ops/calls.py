"""How each function of the operations' front door is called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from myapp import ops
from myapp.kit.scope import Scope

CALLS: dict[str, Callable[[Scope], Awaitable[object]]] = {
    "explain_statement": lambda scope: ops.explain_statement(scope, "x"),
    "get_database": ops.get_database,
    "get_statement": lambda scope: ops.get_statement(scope, "x"),
    "list_audit": ops.list_audit,
    "list_charts": lambda scope: ops.list_charts(scope, "process"),
    "list_database_sessions": ops.list_database_sessions,
    "list_indexes": ops.list_indexes,
    "list_metric_groups": ops.list_metric_groups,
    "list_statements": ops.list_statements,
    "list_tables": ops.list_tables,
}
