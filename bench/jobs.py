"""The queue: how many jobs a second with our workers against Oban as it comes, how soon one begins, what idling costs.

Ours and the bare one run in processes of their own and take turns, so that both see the same machine. `python -m
bench.jobs URL ours|bare` is one such process: it works off what is there and prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import psycopg
import uvloop
from psycopg_pool import AsyncConnectionPool

from bench.report import Report, percentile
from myapp.kit import databases, embedded_postgres, jobs, migrations, pubsub, repo
from myapp.kit.jobs import Outcome, Work, worker
from myapp.kit.jobs._library import Oban, telemetry
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

FOLDER = migrations.ROOT / ".data" / "bench"
HERE = "bench.jobs"
ROUNDS, JOBS, ONES, LIMIT = 3, 5000, 200, 20
SCOPE = Scope.system("a measurement")

_ran = asyncio.Event()
_left = 0
_first = 0.0


@worker()
class Ours:
    """Does nothing, with all that surrounds a job of ours."""

    async def process(self, job: Work) -> Outcome:
        del job
        _count()
        return None


class Bare:
    """Does nothing, as Oban has it."""

    async def process(self, job: object) -> None:
        del job
        _count()


def _count() -> None:
    """From the first job to the last: what a start costs is no part of it."""
    global _left, _first  # noqa: PLW0603 - a worker has nowhere else to say it
    _first = _first or time.perf_counter()
    _left -= 1
    if _left <= 0:
        _ran.set()


def run(report: Report) -> None:
    """Report `jobs.per_second`, the same by the process's own time, which a busy machine does not change, from commit
    to run in ms, and what a worker costs that has nothing to do: its whole process, and of that the queue.
    """
    server = embedded_postgres.ensure(FOLDER)
    try:
        with databases.scratch(server) as url:
            migrations.upgrade(url)
            rounds = [(_in_process(url, "ours"), _in_process(url, "bare")) for _ in range(ROUNDS)]
    finally:
        embedded_postgres.release(FOLDER)
    for name, unit in (("per_second", "jobs/s"), ("per_cpu_second", "jobs/s of its CPU")):
        ours, bare = (max(each[kind][name] for each in rounds) for kind in (0, 1))
        report.figure(f"jobs.{name}", ours, unit, against="bare Oban", peer=bare)
    best = min((each[0] for each in rounds), key=lambda found: found["latency_p50"])
    report.figure("jobs.latency_p50", best["latency_p50"], "ms")
    report.figure("jobs.latency_p95", best["latency_p95"], "ms")
    for name, unit in (("memory", "MiB"), ("queue_memory", "MiB"), ("idle_cpu", "% of a core")):
        report.figure(f"jobs.{name}", min(each[0][name] for each in rounds), unit)


def _in_process(url: str, kind: str) -> dict[str, float]:
    command = [sys.executable, "-m", HERE, url, kind]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=migrations.ROOT)
    return json.loads(ran.stdout)


async def _measure(url: str, kind: str) -> dict[str, float]:
    engine = repo.make_engine(url)
    repo.use(repo.make_sessions(engine))
    process = psutil.Process()
    async with pubsub.connected(url, None):
        jobs.load_workers()  # an application has them anyway
        idle = await _idle(url, process) if kind == "ours" else {}
        await _fill(url, f"{HERE}.Ours" if kind == "ours" else f"{HERE}.Bare", JOBS)
        async with _ours(url) if kind == "ours" else _bare(url):
            spent = _cpu(process)
            await _ran.wait()
            took = time.perf_counter() - _first
            figures = {"per_second": JOBS / took, "per_cpu_second": JOBS / (_cpu(process) - spent)}
            if kind == "ours":
                figures |= await _latency()
    await engine.dispose()
    return figures | idle


async def _fill(url: str, worker_path: str, count: int) -> None:
    global _left  # noqa: PLW0603
    _left = count
    async with await psycopg.AsyncConnection[Any].connect(url, autocommit=True) as owner:
        await owner.execute("TRUNCATE oban_jobs, oban_producers, oban_leaders")
        await owner.execute(
            "INSERT INTO oban_jobs (worker) SELECT %s FROM generate_series(1, %s)", (worker_path, count)
        )
        await owner.execute("ANALYZE oban_jobs")


def _ours(url: str) -> Any:
    return jobs.running(url, {"default": LIMIT})


@asynccontextmanager
async def _bare(url: str) -> AsyncGenerator[None]:
    async with AsyncConnectionPool(url, min_size=1, max_size=5) as pool, Oban(pool=pool, queues={"default": LIMIT}):
        yield


async def _latency() -> dict[str, float]:
    """One after the other: what a person waits for who does something that adds a job."""
    began = asyncio.Event()
    telemetry.attach("bench", ["oban.job.start"], lambda *_: began.set())
    times: list[float] = []
    for _ in range(ONES):
        began.clear()
        async with transaction(SCOPE):
            await jobs.enqueue(f"{HERE}.Ours")
        start = time.perf_counter()
        await asyncio.wait_for(began.wait(), 10)
        times.append((time.perf_counter() - start) * 1000)
    telemetry.detach("bench")
    return {"latency_p50": percentile(times, 50), "latency_p95": percentile(times, 95)}


async def _idle(url: str, process: psutil.Process) -> dict[str, float]:
    """What a worker takes that has nothing to do, over some seconds."""
    await _fill(url, "", 0)
    before, seconds = _resident(process), 5.0
    async with _ours(url):
        spent = _cpu(process)
        await asyncio.sleep(seconds)
        idle_cpu = (_cpu(process) - spent) / seconds * 100
        there = _resident(process)
        return {"memory": there / 2**20, "queue_memory": (there - before) / 2**20, "idle_cpu": idle_cpu}


def _resident(process: psutil.Process) -> int:
    """What the process holds, once it has let go of what it does not need."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return process.memory_info().rss


def _cpu(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return spent.user + spent.system


if __name__ == "__main__":
    # Oban finds workers by their module's name, which is another one here.
    from bench.jobs import _measure as measure

    print(json.dumps(uvloop.run(measure(*sys.argv[1:]))))
