"""What an import costs: 10,000 posts with 50,000 comments from a WordPress export, and the same file once more.

The import runs in a process of its own, on an embedded PostgreSQL that writes to disk as in production; the memory is
that process's highest, PostgreSQL's apart. While it runs, a task on the same event loop looks at how late it is woken:
that is what a web process would make people wait.
"""
# ruff: noqa: N999 - the family is called so, and nothing imports it by a statement

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.report import Report, percentile
from myapp import accounts, application, blog, database
from myapp.config import load_settings
from myapp.kit import lifetime
from myapp.kit.scope import Scope
from tests.factories.wordpress import large_export

POSTS, COMMENTS = 10_000, 50_000
TICK = 0.005


def run(report: Report) -> None:
    """Report `import.wordpress`, `import.again`, `import.memory`, `import.lag_p99` and `import.lag_max`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        large_export(path, posts=POSTS, comments=COMMENTS)
        environment = {**os.environ, "MYAPP_DATA_DIR": f"{folder}/data", "MYAPP_ENV": "test", "DATABASE_URL": ""}
        command = [sys.executable, "-m", "bench.import", str(path)]
        answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    report.bounded("import.wordpress", found["first"], "s", bound=60)
    report.figure("import.again", found["again"], "s", against="the first time", peer=found["first"])
    report.bounded("import.memory", found["memory"], "MiB", bound=400)
    report.figure("import.lag_p99", percentile(found["lags"], 99) * 1000, "ms")
    report.figure("import.lag_max", max(found["lags"]) * 1000, "ms")


async def _measure(path: Path) -> dict[str, object]:
    async with application.running(load_settings(), "command"):
        system = Scope.system("measures")
        organization = await accounts.create_organization(system, {"name": "Bench", "slug": "bench"})
        scope = Scope.system("measures", organization.id)
        lifetime.settle()  # as a web process does
        lags: list[float] = []
        watching = asyncio.create_task(_watch(lags))
        times: list[float] = []
        for _ in range(2):
            start = time.perf_counter()
            card = await blog.import_file(scope, path)
            times.append(time.perf_counter() - start)
            assert card.done == POSTS, card
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"first": times[0], "again": times[1], "memory": peak, "lags": lags}


async def _watch(lags: list[float]) -> None:
    while True:
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        lags.append(time.perf_counter() - due)


if __name__ == "__main__":
    try:
        print(json.dumps(asyncio.run(_measure(Path(sys.argv[1])))))
    finally:
        database.release(load_settings())
