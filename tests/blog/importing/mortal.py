"""Another process that kills itself after the first batch of an import, as a power cut would.

ORGANIZATION IMPORT    # runs that import, as a command does
                       # without them: works the queue off
"""

from __future__ import annotations

import asyncio
import os
import signal
from uuid import UUID

from myapp import application
from myapp.blog.events import ImportProgressed
from myapp.blog.imports import running
from myapp.blog.imports.alone import sole_runner
from myapp.blog.imports.reading import row_of
from myapp.config import load_settings
from myapp.kit.scope import Scope

_tell = running.Run._tell


async def main(*of: str) -> None:
    running.TELL_EVERY = 0
    await (_command(*of) if of else _work())


async def _work() -> None:
    running.Run._tell = _tell_and_die
    async with application.running(load_settings(), "worker"):
        await asyncio.sleep(60)


async def _command(organization: str, import_id: str) -> None:
    scope = Scope.system("a command", UUID(organization))
    async with application.running(load_settings(), "command"):
        row = await row_of(scope, UUID(import_id))
        async with sole_runner(row.id):
            await running.Run(scope, row, _die).to_its_end()


async def _tell_and_die(self: running.Run, *, at_once: bool = False) -> None:
    await _tell(self, at_once=at_once)
    if self._done > 0:
        _power_is_cut()


def _die(event: ImportProgressed) -> None:
    if event.done > 0:
        _power_is_cut()


def _power_is_cut() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
