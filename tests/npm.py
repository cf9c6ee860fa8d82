"""Packages of npm that tests drive in Node: as the lock beside them says, installed once a checkout."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

from myapp import toolchain
from myapp.config import ROOT


def environment() -> dict[str, str]:
    """Ours, with the project's own Node in front."""
    return os.environ | {"PATH": f"{toolchain.programs_folder()}{os.pathsep}{os.environ['PATH']}"}


def installed(source: Path, script: str) -> Path:
    """The folder with what `package-lock.json` in `source` names, and the script that uses it as it is now."""
    folder = ROOT / ".data" / "tests" / source.name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (source / "package-lock.json").read_bytes()
        done = folder / "done"
        if not done.exists() or done.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                (folder / name).write_bytes((source / name).read_bytes())
            command = [str(toolchain.programs_folder() / "npm"), "ci", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True, timeout=120)
            done.write_bytes(wanted)
        (folder / script).write_bytes((source / script).read_bytes())
    return folder
