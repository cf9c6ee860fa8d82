"""A process whose clock a test sets: runs a periodic job, and says `run` whenever it did.

python -m tests.kit.clock_peer
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from myapp.kit import scheduler
from myapp.kit.scheduler import Periodic, running


async def run() -> None:
    print("run", datetime.now(UTC).isoformat(), flush=True)  # noqa: T201 - the test reads it


async def main() -> None:
    scheduler.CLOCK_EVERY = 0.1
    async with running([Periodic("speak", run, every=0.1)]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
