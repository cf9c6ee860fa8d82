"""How long tasks have been there, without a note for each that is ever begun: now and then those that are there are
noticed, so what is known is right to the time between two looks, and what comes and goes between them costs nothing.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from myapp.kit.clock import now

_seen = WeakKeyDictionary[asyncio.Task[Any], datetime]()


def notice_tasks() -> None:
    """Remember those of this loop that are there; to be called again and again."""
    moment = now()
    for task in asyncio.all_tasks():
        if task not in _seen:
            _seen[task] = moment


def seen_since(task: asyncio.Task[Any]) -> datetime:
    """When it was noticed first; now, if it was not."""
    return _seen.setdefault(task, now())
