"""The data of a server that has run before: made once for each state of the sources, and copied for who wants it.

A first start makes a cluster, migrates, and loads the demonstration, which is most of what it costs. Tests of anything
but a first start begin with a copy, as the tests of the rooms begin with a copy of a migrated database.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from functools import cache
from pathlib import Path

from myapp import bundle
from myapp.config import ROOT
from myapp.kit.embedded_postgres._install import settle
from tests.serving import Served, build_pages, clear_away

FOLDER = ROOT / ".data" / "tests" / "furnished"


def furnish(data_dir: Path) -> Path:
    """Let a server find, in this folder that is not there yet, what one leaves that was stopped; the same folder."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest, made_from = _digest(), FOLDER / "made-from"
        if not made_from.exists() or made_from.read_text() != digest:
            _make()
            made_from.write_text(digest)
        copied = ["cp", "-a", str((FOLDER / "postgres").resolve() / "cluster"), str(settle(data_dir / "postgres"))]
        subprocess.run(copied, check=True)
    return data_dir


def _make() -> None:
    clear_away(FOLDER)
    build_pages()
    server = Served(FOLDER)
    try:
        server.answers()
        assert server.stop() == 0
    finally:
        server.close()


@cache
def _digest() -> str:
    """Every file that can change what is in the database."""
    digest = hashlib.sha256()
    files = [*bundle._source_files(), *(ROOT / "alembic").rglob("*.py")]
    for path in sorted(files):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
