"""Between processes by Redis: one channel for everything, as messages are cheap to skip.

The client library would connect again by itself and stay silent about what it missed: its retries are switched off.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# The client library is typed in part only.

from __future__ import annotations

from collections.abc import AsyncGenerator

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CHANNEL = "myapp:pubsub"
IDLE_SECONDS = 30.0  # of silence, before the connection is asked whether it still lives


class RedisTransport:
    """See `Transport`."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=5,
            health_check_interval=0,
        )

    async def lines(self) -> AsyncGenerator[str | None]:
        async with self._redis.pubsub() as subscriber:
            await subscriber.subscribe(CHANNEL)
            asked = False
            while True:
                message = await subscriber.get_message(timeout=IDLE_SECONDS)
                if message is None:
                    if asked:
                        raise ConnectionError("Redis did not answer a ping")
                    await subscriber.ping()
                asked = message is None
                match message:
                    case {"type": "subscribe"}:
                        yield None
                    case {"type": "message", "data": str(line)}:
                        yield line
                    case _:
                        continue

    async def send(self, lines: list[str]) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for line in lines:
                pipeline.publish(CHANNEL, line)
            await pipeline.execute()

    async def close(self) -> None:
        await self._redis.aclose()
