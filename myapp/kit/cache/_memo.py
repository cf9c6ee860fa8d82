"""What one request or event has got from the cache, it gets again without asking."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_memo: ContextVar[dict[tuple[str, str], Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remember() -> Generator[None]:
    """Remember within the block what the caches gave, and tell it again; until something is changed within it."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def remember_until_the_task_ends() -> None:
    """The same where there is no block to put around it. What has the task's context is told it, too."""
    _memo.set({})


def current() -> dict[tuple[str, str], Any] | None:
    """What is remembered; None outside a block."""
    return _memo.get()


def clear() -> None:
    """Something was changed: ask again."""
    memo = _memo.get()
    if memo is not None:
        memo.clear()
