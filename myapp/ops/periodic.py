"""How the periodic work of all processes has run lately, each as its process tells."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from myapp.kit import run_log
from myapp.kit.run_log import Run
from myapp.kit.scope import Scope
from myapp.ops import policy
from myapp.ops.exchange import ask, own_name, unpacked
from myapp.ops.travelling import unpack

_RUNS = TypeAdapter(dict[str, list[Run]])


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """The runs of one job in one process that are known, the last first: one at least."""

    process: str
    job: str
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class PeriodicRuns:
    """Of all processes; `silent` are those that did not answer in time."""

    work: list[PeriodicWork]
    silent: tuple[str, ...]


async def list_periodic_runs(scope: Scope) -> PeriodicRuns:
    """What each process has run, this one first. Takes half a second at most. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    answers = await ask("periodic:")
    said = unpacked(answers.said, lambda packed: _RUNS.validate_python(unpack(packed)))
    known = {own_name(): run_log.runs(), **said}
    work = [PeriodicWork(process, job, runs) for process, jobs in known.items() for job, runs in jobs.items() if runs]
    return PeriodicRuns(work, answers.silent)
