"""How each function of the operations' front door is called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from myapp import ops
from myapp.kit.console import Attached
from myapp.kit.scope import Scope
from myapp.ops import JobFilter

CALLS: dict[str, Callable[[Scope], Awaitable[object]]] = {
    "do_with_job": lambda scope: ops.do_with_job(scope, "delete", 1),
    "do_with_queue": lambda scope: ops.do_with_queue(scope, "stop", "default"),
    "explain_statement": lambda scope: ops.explain_statement(scope, "x"),
    "get_database": ops.get_database,
    "get_database_use": ops.get_database_use,
    "get_job": lambda scope: ops.get_job(scope, 1),
    "get_running": ops.get_running,
    "get_stores": ops.get_stores,
    "get_statement": lambda scope: ops.get_statement(scope, "x"),
    "limit_queue": lambda scope: ops.limit_queue(scope, "default", None),
    "list_audit": ops.list_audit,
    "kill_child": lambda scope: ops.kill_child(scope, "x"),
    "get_charts": lambda scope: ops.get_charts(scope, "process"),
    "list_checks": ops.list_checks,
    "list_database_sessions": ops.list_database_sessions,
    "list_errors": ops.list_errors,
    "list_indexes": ops.list_indexes,
    "list_jobs": lambda scope: ops.list_jobs(scope, JobFilter()),
    "list_log_lines": ops.list_log_lines,
    "list_metric_groups": ops.list_metric_groups,
    "list_nodes": ops.list_nodes,
    "list_queues": ops.list_queues,
    "list_periodic_runs": ops.list_periodic_runs,
    "list_tables": ops.list_tables,
    "list_throughput": ops.list_throughput,
    "list_versions": ops.list_versions,
    "list_workers": ops.list_workers,
    "note_attached": lambda scope: ops.note_attached(scope, Attached("ada", 1000, 7)),
    "run_worker": lambda scope: ops.run_worker(scope, "x"),
    "scale_queue": lambda scope: ops.scale_queue(scope, "default", 1),
    "send_daily_report": lambda scope: ops.send_daily_report(scope, date(2026, 1, 1)),
    "switch_worker": lambda scope: ops.switch_worker(scope, "x", on=False),
}
