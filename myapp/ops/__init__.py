"""The operations room's front door: how the site runs, for those who run it."""

from myapp.ops.attaching import note_attached
from myapp.ops.audit import AuditEntry, AuditFilter, list_audit
from myapp.ops.daily_report import send_daily_report
from myapp.ops.database import (
    Database,
    DatabaseSession,
    Index,
    Table,
    database_figures,
    get_database,
    list_database_sessions,
    list_indexes,
    list_tables,
)
from myapp.ops.explaining import NoPlan, explain_statement, get_statement
from myapp.ops.job_console import (
    JobDeed,
    JobFilter,
    JobPage,
    Throughput,
    do_with_job,
    get_job,
    list_jobs,
    list_queues,
    list_throughput,
    list_workers,
)
from myapp.ops.job_controls import (
    OutOfRange,
    QueueDeed,
    RateOutOfRange,
    do_with_queue,
    limit_queue,
    run_worker,
    scale_queue,
    switch_worker,
)
from myapp.ops.log_lines import LoggedLine, LogPage, list_errors, list_log_lines
from myapp.ops.looking import Looked, get_database_use, get_running, get_stores, kill_child
from myapp.ops.metrics import Chart, ChartPoint, ChartRow, Charts, get_charts, list_metric_groups
from myapp.ops.news import DEEDS, LINES, LinesLogged
from myapp.ops.nodes import Node, answering, list_nodes
from myapp.ops.periodic import PeriodicRuns, PeriodicWork, list_periodic_runs
from myapp.ops.policy import authorise, can
from myapp.ops.processes import Actor, Running, SupervisedChild, TaskGroup
from myapp.ops.site import CheckResult, Version, list_checks, list_versions
from myapp.ops.statements import DatabaseUse, StatementCost
from myapp.ops.stores import Stores

__all__ = [
    "DEEDS",
    "LINES",
    "Actor",
    "AuditEntry",
    "AuditFilter",
    "Chart",
    "ChartPoint",
    "ChartRow",
    "Charts",
    "CheckResult",
    "Database",
    "DatabaseSession",
    "DatabaseUse",
    "Index",
    "JobDeed",
    "JobFilter",
    "JobPage",
    "LinesLogged",
    "LogPage",
    "LoggedLine",
    "Looked",
    "NoPlan",
    "Node",
    "OutOfRange",
    "PeriodicRuns",
    "PeriodicWork",
    "QueueDeed",
    "RateOutOfRange",
    "Running",
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
    "database_figures",
    "do_with_job",
    "do_with_queue",
    "explain_statement",
    "get_charts",
    "get_database",
    "get_database_use",
    "get_job",
    "get_running",
    "get_statement",
    "get_stores",
    "kill_child",
    "limit_queue",
    "list_audit",
    "list_checks",
    "list_database_sessions",
    "list_errors",
    "list_indexes",
    "list_jobs",
    "list_log_lines",
    "list_metric_groups",
    "list_nodes",
    "list_periodic_runs",
    "list_queues",
    "list_tables",
    "list_throughput",
    "list_versions",
    "list_workers",
    "note_attached",
    "run_worker",
    "scale_queue",
    "send_daily_report",
    "switch_worker",
]
