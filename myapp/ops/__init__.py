"""The operations room's front door: how the site runs, for those who run it."""

from myapp.ops.audit import AuditEntry, AuditFilter, list_audit
from myapp.ops.daily_report import send_daily_report
from myapp.ops.database import (
    Database,
    DatabaseSession,
    Index,
    Table,
    get_database,
    list_database_sessions,
    list_indexes,
    list_tables,
)
from myapp.ops.job_console import (
    JobDeed,
    JobFilter,
    JobPage,
    OutOfRange,
    QueueDeed,
    Throughput,
    do_with_job,
    do_with_queue,
    get_job,
    list_jobs,
    list_queues,
    list_throughput,
    list_workers,
    run_worker,
    scale_queue,
    switch_worker,
)
from myapp.ops.log_lines import list_errors, list_log_lines
from myapp.ops.metrics import Chart, ChartPoint, ChartRow, list_charts, list_metric_groups
from myapp.ops.nodes import Node, answering, list_nodes
from myapp.ops.policy import authorise, can
from myapp.ops.processes import SupervisedChild, TaskGroup, kill_child, list_children, list_tasks
from myapp.ops.site import CheckResult, Version, list_checks, list_versions
from myapp.ops.statements import NoPlan, StatementCost, explain_statement, get_statement, list_statements
from myapp.ops.stores import Stores, get_stores

__all__ = [
    "AuditEntry",
    "AuditFilter",
    "Chart",
    "ChartPoint",
    "ChartRow",
    "CheckResult",
    "Database",
    "DatabaseSession",
    "Index",
    "JobDeed",
    "JobFilter",
    "JobPage",
    "NoPlan",
    "Node",
    "OutOfRange",
    "QueueDeed",
    "StatementCost",
    "Stores",
    "SupervisedChild",
    "Table",
    "TaskGroup",
    "Throughput",
    "Version",
    "answering",
    "authorise",
    "can",
    "do_with_job",
    "do_with_queue",
    "explain_statement",
    "get_database",
    "get_job",
    "get_statement",
    "get_stores",
    "kill_child",
    "list_audit",
    "list_charts",
    "list_checks",
    "list_children",
    "list_database_sessions",
    "list_errors",
    "list_indexes",
    "list_jobs",
    "list_log_lines",
    "list_metric_groups",
    "list_nodes",
    "list_queues",
    "list_statements",
    "list_tables",
    "list_tasks",
    "list_throughput",
    "list_versions",
    "list_workers",
    "run_worker",
    "scale_queue",
    "send_daily_report",
    "switch_worker",
]
