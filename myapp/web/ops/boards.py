"""What the operators' pages follow, each under its name: `ops:<name>`.

Each is read with the system's scope, once for all who follow it, and sent as it is: plain values, whose times are ISO
texts and whose durations are seconds. A row has an `id`, and a `url` where it leads somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from myapp import ops
from myapp.kit import routes
from myapp.kit.i18n import gettext_noop
from myapp.kit.scope import Scope
from myapp.ops import Chart, Looked, PeriodicWork, Running, StatementCost, Stores
from myapp.web.components import dialog_link
from myapp.web.ops.board import Board
from myapp.web.ops.jobs.rows import queue_row, worker_row
from myapp.web.ops.names import CHILD, STATEMENT

THROUGHPUT = gettext_noop("Jobs that ended, minute by minute")


async def _home(scope: Scope, _part: str) -> Mapping[str, object]:
    periodic = await ops.list_periodic_runs(scope)
    return {
        "checks": [{"id": each.name, **asdict(each)} for each in await ops.list_checks(scope)],
        "nodes": [{"id": each.name, **asdict(each)} for each in await ops.list_nodes(scope)],
        "periodic": [_periodic(each) for each in periodic.work],
        "silent": ", ".join(periodic.silent),
        "versions": [{"id": each.name, **asdict(each)} for each in await ops.list_versions(scope)],
    }


def _periodic(work: PeriodicWork) -> dict[str, object]:
    last = work.runs[0]
    return {
        "id": f"{work.process} {work.job}",
        "name": work.job,
        "process": work.process,
        "runs": len(work.runs),
        "last_at": last.began_at,
        "seconds": last.seconds,
        "slowest": max(run.seconds for run in work.runs),
        "error": last.error,
        "tone": "error" if last.error else "",
    }


async def _jobs(scope: Scope, _part: str) -> Mapping[str, object]:
    minutes = await ops.list_throughput(scope)
    points = [{"at": each.at, "completed": each.completed, "discarded": each.discarded} for each in minutes]
    return {
        "queues": [queue_row(each) for each in await ops.list_queues(scope)],
        "workers": [worker_row(each) for each in await ops.list_workers(scope)],
        "throughput": {"name": "jobs", "description": THROUGHPUT, "unit": "", "kind": "minutes", "points": points},
    }


async def _database(scope: Scope, part: str) -> Mapping[str, object]:
    """What is true for all, and how the process that is named uses it, or this one."""
    looked = await ops.get_database_use(scope, part)
    statements = looked.found.statements if looked.found else []

    def leading(each: StatementCost) -> str:
        return routes.ops_database(process=part, statement=each.id, of=looked.process) + dialog_link(STATEMENT)

    sessions = [{"id": str(each.pid), **asdict(each)} for each in await ops.list_database_sessions(scope)]
    return {
        **_about(looked),
        "facts": asdict(await ops.get_database(scope)),
        "pool": asdict(looked.found.pool) if looked.found else {},
        "sessions": sessions,
        "statements": [{**asdict(replace(each, sent="")), "url": leading(each)} for each in statements],
    }


async def _tables(scope: Scope, _part: str) -> Mapping[str, object]:
    return {
        "tables": [{"id": each.name, **asdict(each)} for each in await ops.list_tables(scope)],
        "indexes": [{"id": each.name, **asdict(each)} for each in await ops.list_indexes(scope)],
    }


async def _metrics(scope: Scope, part: str) -> Mapping[str, object]:
    """A group of all processes together, or `<group>:<process>`."""
    group, _, process = part.partition(":")
    found = await ops.get_charts(scope, group, process)
    return {**asdict(found), "charts": [_chart(each) for each in found.charts]}


def _chart(chart: Chart) -> Mapping[str, object]:
    """Counts of classes stand in points and rows under the names of these."""
    whole = asdict(chart)
    return {**whole, **{part: [_with_classes(**each) for each in whole[part]] for part in ("points", "rows")}}


def _with_classes(*, classes: Mapping[str, float], **others: object) -> Mapping[str, object]:
    return {**others, **classes}


async def _processes(scope: Scope, part: str) -> Mapping[str, object]:
    """Of the process that is named, or of this one."""
    looked = await ops.get_running(scope, part)
    found = looked.found or Running([], [], [])
    shown = {each.path for each in found.children}

    def leading(path: str) -> str:
        to = routes.ops_processes(process=part, child=path, of=looked.process)
        return to + dialog_link(CHILD) if path in shown else ""

    return {
        **_about(looked),
        "children": [{"id": each.path, "url": leading(each.path), **asdict(each)} for each in found.children],
        "actors": [
            {"id": str(each.number), "url": leading(each.child), "over": ">" if each.is_more else "", **asdict(each)}
            for each in found.actors
        ],
        "tasks": [
            {
                "id": f"{each.name} {each.function} {each.place} {each.child} {each.state}",
                "url": leading(each.child),
                **asdict(each),
            }
            for each in found.tasks
        ],
    }


def _about(looked: Looked[Any]) -> Mapping[str, object]:
    return {"process": looked.process, "processes": looked.processes, "is_gone": looked.found is None}


async def _stores(scope: Scope, part: str) -> Mapping[str, object]:
    """Of the process that is named, or of this one."""
    looked = await ops.get_stores(scope, part)
    stores = looked.found or Stores([], [], [], {})
    tones = {"open": "error", "closed": "success"}
    return {
        **_about(looked),
        "caches": [{"id": each.name, **asdict(each), "hit_rate": each.hit_rate} for each in stores.caches],
        "breakers": [
            {"id": each.name, **asdict(each), "tone": tones.get(each.state, "warning")} for each in stores.breakers
        ],
        "services": [{"id": each.name, **asdict(each)} for each in stores.services],
        "limits": [{"id": limit, "value": count} for limit, count in stores.refused.items()],
    }


BOARDS: Mapping[str, Board] = {
    "home": Board(5, _home),
    "jobs": Board(5, _jobs),
    "database": Board(5, _database, parts="may be"),
    "metrics": Board(10, _metrics, parts="must be"),
    "processes": Board(5, _processes, parts="may be"),
    "stores": Board(5, _stores, parts="may be"),
    "tables": Board(30, _tables),
}
