"""A clock that is set while the application runs: a real process, whose time of day libfaketime tells."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from myapp.config import ROOT

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
PATIENCE = 30

pytestmark = pytest.mark.skipif(FAKETIME is None, reason="there is no libfaketime: install it, or run .ci/run")


class Clockwork:
    """The process, and the file that says how its clock differs from ours."""

    def __init__(self, process: asyncio.subprocess.Process, offset: Path) -> None:
        self._process = process
        self._offset = offset

    async def run(self) -> datetime:
        """Its time of day when the job ran next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not (line := (await self._process.stdout.readline()).decode()).startswith("run "):
                assert line, "it ended"
        return datetime.fromisoformat(line.split()[1])

    async def set(self, offset: str) -> None:
        await asyncio.to_thread(self._offset.write_text, offset)


@asynccontextmanager
async def clockwork(folder: Path) -> AsyncGenerator[Clockwork]:
    offset = folder / "offset"
    offset.write_text("+0")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kit.clock_peer",
        cwd=ROOT,
        env=os.environ | {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Clockwork(process, offset)
    finally:
        process.terminate()
        await process.communicate()


async def test_periodic_jobs_go_on_when_the_clock_is_set_back_or_forward(tmp_path: Path):
    async with clockwork(tmp_path) as process:
        first = await process.run()

        await process.set("-3600")
        while (moment := await process.run()) > first:
            pass
        assert first - moment > timedelta(minutes=50)
        await process.run()

        await process.set("+3600")
        while (moment := await process.run()) < first:
            pass
        assert moment - first > timedelta(minutes=50)
        await process.run()
