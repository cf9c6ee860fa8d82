"""What the operators' pages follow, each under its name: `ops:<name>`.

Each is read with the system's scope, once for all who follow it, and sent as it is: plain values, whose times are ISO
texts and whose durations are seconds. A row has an `id`, and a `url` where it leads somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from myapp import ops
from myapp.kit import repo, routes
from myapp.kit.scope import Scope
from myapp.web.channels.ops_channel import Board
from myapp.web.components import dialog_link
from myapp.web.ops.names import STATEMENT


async def _database(scope: Scope, _part: str) -> Mapping[str, object]:
    statements = [
        {**asdict(each), "url": routes.ops_database(statement=each.id) + dialog_link(STATEMENT)}
        for each in await ops.list_statements(scope)
    ]
    sessions = [{"id": str(each.pid), **asdict(each)} for each in await ops.list_database_sessions(scope)]
    return {
        "facts": asdict(await ops.get_database(scope)),
        "pool": asdict(repo.pool()),
        "sessions": sessions,
        "statements": statements,
    }


async def _tables(scope: Scope, _part: str) -> Mapping[str, object]:
    return {
        "tables": [{"id": each.name, **asdict(each)} for each in await ops.list_tables(scope)],
        "indexes": [{"id": each.name, **asdict(each)} for each in await ops.list_indexes(scope)],
    }


async def _metrics(scope: Scope, group: str) -> Mapping[str, object]:
    return {"group": group, "charts": [asdict(each) for each in await ops.list_charts(scope, group)]}


BOARDS: Mapping[str, Board] = {
    "database": Board(5, _database),
    "metrics": Board(10, _metrics, has_parts=True),
    "tables": Board(30, _tables),
}
