"""The supervisor above all others of this process, for those who look at it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from myapp.kit.supervisor._supervisor import Supervisor

_root: Supervisor | None = None


@contextmanager
def as_root(supervisor: Supervisor) -> Generator[None]:
    """Within the block it is what `root()` gives."""
    global _root  # noqa: PLW0603 - a process has one root
    _root = supervisor
    try:
        yield
    finally:
        _root = None


def root() -> Supervisor:
    """The supervisor that runs this process. Raises RuntimeError where none does, as in many tests."""
    if _root is None:
        raise RuntimeError("nothing is supervised: application.py starts the tree")
    return _root
