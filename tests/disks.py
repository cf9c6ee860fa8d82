"""A disk of one MiB, which is soon full: a real one, in memory, where this machine lets us have it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = 1 << 20


@contextmanager
def small_disk(folder: Path) -> Generator[Path]:
    """The folder on a disk of its own. The test is skipped where only somebody else may mount one."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if not mount or not unmount:
        pytest.skip("there is no mount here")
    folder.mkdir(parents=True)
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder]
    said = subprocess.run(command, capture_output=True, check=False)
    if said.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {said.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "--lazy", folder], check=True)
