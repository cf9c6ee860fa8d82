"""Whether the queue of this process is alive, for those who decide whether to send the process work."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from myapp.kit import databases, rls
from myapp.kit.jobs._library import idle_queues
from myapp.kit.jobs._runtime import current

HEARD_WITHIN = timedelta(seconds=45)
"""Three of the signs of life that a queue gives."""

_UNHEARD = """
SELECT u.uuid FROM unnest(%s::uuid[]) u (uuid)
WHERE NOT EXISTS (SELECT FROM oban_producers p WHERE p.uuid = u.uuid AND p.updated_at > timezone('utc', now()) - %s)
"""


async def is_alive(url: str, *, patience: int) -> bool:
    """Whether it runs, none of its queues stands still, and PostgreSQL has heard of each lately.

    Asked on a connection of its own, which is given so many seconds. A queue that somebody has paused or stopped is
    as it should be. Raises psycopg.Error.
    """
    oban = current().oban
    if oban is None or idle_queues(oban):
        return False
    own_url = databases.acting_as(rls.SYSTEM, url)
    producers = [queue.uuid for queue in oban.check_all_queues()]
    async with await psycopg.AsyncConnection.connect(own_url, autocommit=True, connect_timeout=patience) as connection:
        return await (await connection.execute(_UNHEARD, (producers, HEARD_WITHIN))).fetchone() is None
