"""The operations room's front door: how the site runs, for those who run it."""

from myapp.ops.audit import AuditEntry, AuditFilter, list_audit
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
from myapp.ops.metrics import Chart, ChartPoint, ChartRow, list_charts, list_metric_groups
from myapp.ops.policy import authorise, can
from myapp.ops.statements import NoPlan, StatementCost, explain_statement, get_statement, list_statements

__all__ = [
    "AuditEntry",
    "AuditFilter",
    "Chart",
    "ChartPoint",
    "ChartRow",
    "Database",
    "DatabaseSession",
    "Index",
    "NoPlan",
    "StatementCost",
    "Table",
    "authorise",
    "can",
    "explain_statement",
    "get_database",
    "get_statement",
    "list_audit",
    "list_charts",
    "list_database_sessions",
    "list_indexes",
    "list_metric_groups",
    "list_statements",
    "list_tables",
]
