"""Whom is called, what comes back, and how it went so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from myapp.kit.circuit_breaker import BreakerStats
from myapp.kit.rate_limit import Limit


@dataclass(frozen=True, slots=True)
class Service:
    """A service of others. `timeout` and `rest` are in seconds, `pause` is the first one before a retry."""

    name: str
    url: str
    timeout: float = 30.0
    per_minute: int = 60
    attempts: int = 3
    pause: float = 0.2
    failures: int = 5
    rest: float = 60.0
    most_bytes: int = 10 << 20

    @property
    def limit(self) -> Limit:
        """How often it may be called."""
        return Limit(f"calls to {self.name}", self.per_minute, 60)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether it did what it was asked for."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body, decoded. Raises ValueError."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class ServiceStats:
    """Attempts of this process so far, those that failed, those under way, and how its breaker stands."""

    name: str
    url: str
    attempts: int
    failures: int
    under_way: int
    per_minute: int
    breaker: BreakerStats
