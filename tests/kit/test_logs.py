"""What is logged, from which level on."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys
from myapp.kit import logs
logs.configure(sys.argv[1])
logging.getLogger("myapp.blog").debug("our detail")
logging.getLogger("myapp.blog").info("our news")
logging.getLogger("library").info("their news")
logging.getLogger("library").warning("their warning")
logging.getLogger("library").error("their error")
"""


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("debug", ["our detail", "our news", "their warning", "their error"]),
        ("info", ["our news", "their warning", "their error"]),
        ("warning", ["their warning", "their error"]),
        ("error", ["their error"]),
    ],
)
def test_ours_from_the_level_on_and_others_from_warnings_on(level: str, expected: list[str]) -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT, level], capture_output=True, text=True, check=True)

    assert [line.rpartition(": ")[2] for line in ended.stderr.splitlines()] == expected
