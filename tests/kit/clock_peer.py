"""A process whose clock a test sets: runs a periodic job, and says `run` whenever it did.

python -m tests.kit.clock_peer DATABASE_URL
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from myapp.kit import scheduler
from myapp.kit.scheduler import Periodic, running


async def run() -> None:
    print("run", datetime.now(UTC).isoformat(), flush=True)  # noqa: T201 - the test reads it


async def main(url: str) -> None:
    scheduler.CLOCK_EVERY = 0.1
    async with running([Periodic("speak", run, every=0.1)], url):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
