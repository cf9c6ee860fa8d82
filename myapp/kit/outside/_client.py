"""The pooled connections of a process, and what it knows of each service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from myapp.kit import rate_limit
from myapp.kit.circuit_breaker import Breaker
from myapp.kit.errors import Unavailable
from myapp.kit.outside._service import Answer, Service, ServiceStats

CONNECTIONS = 100
CONNECT = 5.0  # seconds: who is there answers sooner


class OutOfOrder(Unavailable):
    """The service did not answer, or that it can't at the moment. `answer` is what it said, if it did."""

    def __init__(self, service: Service, why: str, *, retry_after: float = 0.0, answer: Answer | None = None) -> None:
        super().__init__(retry_after)
        self.service = service.name
        self.why = why
        self.answer = answer
        self.add_note(f"{service.name}: {why}")


class AnswerTooLarge(OutOfOrder):
    """More came than the service's `most_bytes`."""


@dataclass
class _Known:
    """A service, and how it went."""

    service: Service
    breaker: Breaker
    attempts: int = 0
    failures: int = 0
    under_way: int = 0

    @property
    def stats(self) -> ServiceStats:
        service = self.service
        return ServiceStats(
            service.name,
            service.url,
            self.attempts,
            self.failures,
            self.under_way,
            service.per_minute,
            self.breaker.stats,
        )


class Client:
    """Calls every service over one pool of connections."""

    def __init__(self) -> None:
        # Each call is bounded as a whole. httpx would bound each piece, so that one that comes in drops never ends.
        self._http = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            timeout=httpx.Timeout(None, connect=CONNECT),
            follow_redirects=False,
        )
        self._known: dict[str, _Known] = {}

    async def attempt(
        self, service: Service, method: str, path: str, options: Mapping[str, Any], *, ends: float
    ) -> Answer:
        """One request, which is given up when the loop's time is `ends`.

        Raises OutOfOrder, Unavailable while the service is left alone, and RateLimited.
        """
        known = self._known.get(service.name)
        if known is None:
            breaker = Breaker(service.name, service.failures, service.rest, is_failure=_is_failure)
            known = self._known[service.name] = _Known(service, breaker)
        with known.breaker.guard():
            await rate_limit.spend(service.limit, service.name)
            known.attempts += 1
            known.under_way += 1
            try:
                async with asyncio.timeout_at(ends):
                    return await self._send(service, method, path, options)
            except TimeoutError as error:
                known.failures += 1
                raise OutOfOrder(service, f"no answer in {service.timeout:g} s") from error
            except OutOfOrder:
                known.failures += 1
                raise
            finally:
                known.under_way -= 1

    @property
    def stats(self) -> list[ServiceStats]:
        """Of every service that was called, by name."""
        return [self._known[name].stats for name in sorted(self._known)]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _send(self, service: Service, method: str, path: str, options: Mapping[str, Any]) -> Answer:
        body = bytearray()
        try:
            async with self._http.stream(method, service.url + path, **options) as response:
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > service.most_bytes:
                        raise AnswerTooLarge(service, f"more than {service.most_bytes} bytes")
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise OutOfOrder(service, repr(error)) from error
        answer = Answer(response.status_code, dict(response.headers), bytes(body))
        if answer.status >= 500:
            raise OutOfOrder(service, f"it says {answer.status}", retry_after=_asked_for(answer), answer=answer)
        return answer


def _is_failure(error: Exception) -> bool | None:
    """A call that was never made proves nothing about the service."""
    return True if isinstance(error, OutOfOrder) else None


def _asked_for(answer: Answer) -> float:
    """Seconds that the service wants to be left alone (RFC 9110, 10.2.3); a date is not worth the trouble."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
