"""A call as rooms make it: in time, tried again where that may be done, and told to telemetry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import stamina
from stamina.instrumentation import set_on_retry_hooks

from myapp.kit import telemetry
from myapp.kit.outside._client import AnswerTooLarge, Client, OutOfOrder
from myapp.kit.outside._service import Answer, Service, ServiceStats

__all__ = ["AnswerTooLarge", "OutOfOrder", "call", "running", "stats", "use"]

log = logging.getLogger(__name__)

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
LONGEST_PAUSE = 5.0

_client: Client | None = None


def use(client: Client | None) -> None:
    """Name the connections of this process: the supervision tree does at start, a test for itself."""
    global _client  # noqa: PLW0603 - the one place a process keeps it
    _client = client


@asynccontextmanager
async def running() -> AsyncGenerator[None]:
    """Calls can be made until the end of the block."""
    # Its own ways to tell of a retry, to structlog and Prometheus, are not ours: the first fails with our settings.
    set_on_retry_hooks([])
    client = Client()
    use(client)
    try:
        yield
    finally:
        use(None)
        await client.close()


async def call(service: Service, method: str, path: str, *, repeatable: bool | None = None, **options: Any) -> Answer:
    """The service's answer; `options` are httpx' (`params`, `json`, `content`, `headers`, …).

    `repeatable` says of a POST that the service does the same only once, by a key that goes along. Raises Unavailable
    (OutOfOrder when the service was asked), and RateLimited.
    """
    if _client is None:
        raise RuntimeError("calls to others are not started: application.py starts them before anything uses them")
    may_repeat = method in IDEMPOTENT if repeatable is None else repeatable
    ends = asyncio.get_running_loop().time() + service.timeout
    tries = stamina.retry_context(
        _pause_after,
        attempts=service.attempts if may_repeat else 1,
        timeout=service.timeout,
        wait_initial=service.pause,
        wait_jitter=service.pause,
        wait_max=LONGEST_PAUSE,
    )
    with telemetry.span("outside.call", {"service": service.name, "method": method}) as span:
        async for attempt in tries:
            with attempt:
                answer = await _client.attempt(service, method, path, options, ends=ends)
                span.metadata["outcome"] = f"{answer.status // 100}xx"
                return answer
    raise AssertionError("the last attempt either answers or raises")


def _pause_after(error: Exception) -> bool | float:
    """Whether it is worth another attempt, or after how many seconds the service wants it."""
    if not isinstance(error, OutOfOrder) or isinstance(error, AnswerTooLarge):
        return False
    if error.retry_after > LONGEST_PAUSE:
        return False
    log.info("%s failed, and may be tried again: %s", error.service, error.why)
    return error.retry_after or True


def stats() -> list[ServiceStats]:
    """The services that this process has called, by name."""
    return _client.stats if _client is not None else []
