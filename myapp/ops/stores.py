"""What stands between a process and dear or distant things: caches, circuit breakers, services of others, limits."""

from __future__ import annotations

from dataclasses import dataclass

from myapp.kit import cache, circuit_breaker, outside
from myapp.kit.cache import CacheStats
from myapp.kit.circuit_breaker import BreakerStats
from myapp.kit.outside import ServiceStats
from myapp.kit.telemetry import Spread
from myapp.ops.figures import own_group


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, by name, as the process knows them; `refused` is how many each limit told to wait in the hour."""

    caches: list[CacheStats]
    breakers: list[BreakerStats]
    services: list[ServiceStats]
    refused: dict[str, int]


def own_stores() -> Stores:
    """How they stand here."""
    return Stores(cache.stats(), circuit_breaker.stats(), outside.stats(), _refused())


def _refused() -> dict[str, int]:
    counted = own_group("rate_limit").get("rate_limit.refused.count")
    rows = counted.rows if counted else {}
    return {limit: int(count) for (limit,), count in rows.items() if not isinstance(count, Spread)}
