"""What stands between this process and dear or distant things: caches, circuit breakers, services of others, limits."""

from __future__ import annotations

from dataclasses import dataclass

from myapp.kit import cache, circuit_breaker, outside
from myapp.kit.cache import CacheStats
from myapp.kit.circuit_breaker import BreakerStats
from myapp.kit.outside import ServiceStats
from myapp.kit.scope import Scope
from myapp.ops import policy


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, by name, as this process knows them."""

    caches: list[CacheStats]
    breakers: list[BreakerStats]
    services: list[ServiceStats]


async def get_stores(scope: Scope) -> Stores:
    """How they stand. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return Stores(cache.stats(), circuit_breaker.stats(), outside.stats())
