"""Another process that works the queue off and kills itself with the first batch in the file, as a power cut would."""

from __future__ import annotations

import asyncio
import os
import signal

from myapp import application
from myapp.blog.exports import batches, running
from myapp.config import load_settings

_tell = running.Run._tell


async def main() -> None:
    batches.BATCH, running.TELL_EVERY = 2, 0
    running.Run._tell = _tell_and_die
    async with application.running(load_settings(), "worker"):
        await asyncio.sleep(60)


async def _tell_and_die(self: running.Run) -> None:
    await _tell(self)
    os.kill(os.getpid(), signal.SIGKILL)
