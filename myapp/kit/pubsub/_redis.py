"""Between processes by Redis: one channel for everything, as messages are cheap to skip.

A script numbers a batch and publishes it, so the numbers are in the order in which Redis tells them. They stand in a
hash with their epoch and the server that made it (`run_id`): a Redis that was flushed, restarted from an older copy or
replaced by its replica begins another epoch.

The client library would connect again by itself and stay silent about what it missed: its retries are switched off.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# The client library is typed in part only.

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from myapp.kit.pubsub._order import Position, new_epoch
from myapp.kit.pubsub._transport import Line, Unread, parse

CHANNEL = "myapp:pubsub"
NUMBERS = "myapp:pubsub:numbers"
IDLE_SECONDS = 30.0  # of silence, before the connection is asked whether it still lives

_PUBLISH = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local at = redis.call('HMGET', KEYS[1], 'run', 'epoch', 'seq')
local epoch, seq = at[2], tonumber(at[3])
if at[1] ~= run or not epoch or not seq then
    epoch, seq = ARGV[2], 0
    redis.call('HSET', KEYS[1], 'run', run, 'epoch', epoch, 'seq', 0)
end
local last = seq + #ARGV - 2
if last > seq then
    redis.call('HSET', KEYS[1], 'seq', string.format('%.0f', last))
end
for i = 3, #ARGV do
    seq = seq + 1
    redis.call('PUBLISH', ARGV[1], epoch .. ' ' .. string.format('%.0f', seq) .. ' ' .. ARGV[i])
end
return {epoch, last}
"""
"""Takes the channel, an epoch to begin if there is none, and lines. The position of the last.

The numbers are taken first: a Redis that may not write, as it is full or a replica, still publishes, and would give
them twice.
"""


class RedisTransport:
    """See `Transport`."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",  # what is no text is skipped like all that is of no known form
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=5,
            health_check_interval=0,
        )
        self._publish = self._redis.register_script(_PUBLISH)

    async def lines(self) -> AsyncGenerator[Position | Line | Unread]:
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
                        yield await self._number([])
                    case {"type": "message", "data": str(data)}:
                        yield parse(data)
                    case _:
                        continue

    async def send(self, lines: list[str]) -> None:
        await self._number(lines)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _number(self, lines: list[str]) -> Position:
        epoch, seq = cast("list[object]", await self._publish(keys=[NUMBERS], args=[CHANNEL, new_epoch(), *lines]))
        return Position(str(epoch), int(str(seq)))
