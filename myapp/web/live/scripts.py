"""The browser's scripts that lie beside the Python which uses them: where compiled pages find them.

    class LocalTime(rx.Component):
        library = linked_scripts(__file__)["local_time"]

What `rx.asset(…, shared=True)` is for; that asks for the whole stack at each call to find its caller, and half a second
of every start was spent there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from myapp.config import ROOT


def linked_scripts(beside: str) -> dict[str, str]:
    """What compiled pages import, by name: the scripts beside this file, linked to where Reflex takes files from."""
    return {file.stem: _linked(file) for file in Path(beside).parent.glob("*.js")}


def _linked(file: Path) -> str:
    place = Path("external") / file.relative_to(ROOT)
    link = ROOT / "assets" / place
    link.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # most often; two processes may also start at once
        link.symlink_to(os.path.relpath(file, link.parent))
    return f"$/public/{place.as_posix()}"
