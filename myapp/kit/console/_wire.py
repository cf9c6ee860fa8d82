"""How the two ends speak: a line of JSON each way, through a socket file."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

FOLDER = "attach"
LONGEST = 1 << 20  # bytes of a line
MAX_PATH = 100  # bytes: a socket's address has no room for more


class Asked(TypedDict):
    """What was typed."""

    code: str


class Answered(TypedDict):
    """What came of it."""

    text: str
    is_error: bool


def socket_of(data_dir: Path, pid: int) -> Path:
    """Where a process listens."""
    return data_dir / FOLDER / f"{pid}.sock"
