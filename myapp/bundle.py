"""The built pages in `.web`: whether they still fit the sources, and building them.

What always holds: one process builds at a time, and the others wait for it; pages that fit are left alone; a build that
was killed half-way is cleared away by the next, down to the programs it left running. The digest of what went in is
written last, into the folder that Reflex deletes first, so it is only there beside a complete build.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from myapp import toolchain
from myapp.config import ROOT, Settings

WEB = ROOT / ".web"
DIGEST = WEB / "build" / "made-from"
LOCK = ROOT / ".web.lock"
"""Locked by whoever builds; holds the number of its process group until the build is complete."""

_SOURCES = ("myapp", "assets", "reflex.lock", "rxconfig.py", "requirements.lock", ".npmrc")
_NOT_SOURCES = {"__pycache__", "external"}


def is_current(settings: Settings) -> bool:
    """Whether the pages were built from the sources as they are now."""
    with contextlib.suppress(OSError):
        return DIGEST.read_text() == _digest(settings)
    return False


def build(settings: Settings) -> bool:
    """Build the pages unless they fit; False when there was nothing to do. Raises SystemExit when it does not work."""
    with _alone() as lock:
        if is_current(settings):
            return False
        _clear_what_a_killed_build_left(lock)
        lock.write_text(str(os.getpgrp()))
        try:
            digest = _digest(settings)
            toolchain.prepare(settings)
            _export()
            DIGEST.write_text(digest)
        finally:
            lock.write_text("")
    return True


def _export() -> None:
    """Reflex compiles the pages, installs what they import, and has Vite bundle them."""
    from reflex.reflex import cli  # noqa: PLC0415 - a second that only a build needs to spend

    os.chdir(ROOT)
    cli.main(["export", "--frontend-only", "--no-zip"], standalone_mode=False)


def _digest(settings: Settings) -> str:
    """Every file that can change a page, by name and content, and the one setting that pages are built from."""
    digest = hashlib.sha256(settings.env.encode())
    for path in sorted(_source_files()):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        start = ROOT / name
        if start.is_file():
            yield start
        for folder, folders, files in start.walk():
            folders[:] = [name for name in folders if name not in _NOT_SOURCES]
            yield from (folder / file for file in files)


@contextmanager
def _alone() -> Generator[Path]:
    with LOCK.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield LOCK


def _clear_what_a_killed_build_left(lock: Path) -> None:
    """npm takes a half-unpacked package for a whole one, so all of them go; they come back from npm's cache."""
    group = lock.read_text()
    if not group:
        return
    for process in _at_work_in(WEB):
        with contextlib.suppress(OSError):
            if os.getpgid(process) == int(group):
                os.kill(process, signal.SIGKILL)
    shutil.rmtree(WEB, ignore_errors=True)


def _at_work_in(folder: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):  # without /proc (macOS) they are left to end by themselves
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                yield int(process.name)
