"""What a board of the operators is: how it is read, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from myapp.kit.scope import Scope

type Read = Callable[[Scope, str], Awaitable[Mapping[str, object]]]
"""Takes the part that the topic names, or "". Raises NotFound where a board has no such part."""


@dataclass(frozen=True, slots=True)
class Board:
    """What one topic shows, and how many seconds lie between two readings of it."""

    every: float
    read: Read
    parts: Literal["none", "may be", "must be"] = "none"
    """Whether a topic names a part: a group of metrics, a process."""

    def has(self, part: str) -> bool:
        """Whether there is a topic with this part, "" for none."""
        return self.parts != ("none" if part else "must be")
