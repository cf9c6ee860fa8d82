"""Google's CSP evaluator (`csp_evaluator` on npm), asked from a test."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import TypedDict, cast

from myapp import toolchain
from myapp.config import ROOT

HERE = Path(__file__).parent
INSTALLED = ROOT / ".data" / "tests" / "csp"

HIGH = 10
"""Its number for what lets an attacker in; higher ones are milder: 20 syntax, 30 medium, 40 perhaps high."""


class Finding(TypedDict):
    """One thing it has to say."""

    directive: str
    value: str
    severity: int
    description: str


def evaluate(policy: str) -> list[Finding]:
    """What it finds in a policy."""
    ended = subprocess.run(
        [str(toolchain.programs_folder() / "node"), str(_installed() / "evaluate.mjs")],
        input=policy, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return cast("list[Finding]", json.loads(ended.stdout))


def _installed() -> Path:
    """The folder with the evaluator, as the lock says, installed once a checkout."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / "package-lock.json").read_bytes()
        done = INSTALLED / "done"
        if not done.exists() or done.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                (INSTALLED / name).write_bytes((HERE / name).read_bytes())
            programs = toolchain.programs_folder()
            environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
            command = [str(programs / "npm"), "ci", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=INSTALLED, env=environment, check=True, capture_output=True, timeout=120)
            done.write_bytes(wanted)
        (INSTALLED / "evaluate.mjs").write_bytes((HERE / "evaluate.mjs").read_bytes())
    return INSTALLED
