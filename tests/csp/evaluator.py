"""Google's CSP evaluator (`csp_evaluator` on npm), asked from a test."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TypedDict, cast

from myapp import toolchain
from tests.npm import installed

HERE = Path(__file__).parent

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
        [str(toolchain.programs_folder() / "node"), str(installed(HERE, "evaluate.mjs") / "evaluate.mjs")],
        input=policy, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return cast("list[Finding]", json.loads(ended.stdout))
