"""Tell whoever is interested, in this process and in the others, that something has happened.

    @event("blog.post.created")
    @dataclass(frozen=True)
    class PostCreated:
        org_id: UUID
        post_id: UUID

    subscription = subscribe(f"posts:{org_id}", lambda topic, event: queue.put_nowait(event))
    broadcast(f"posts:{org_id}", PostCreated(org_id, post.id))
    subscription.cancel()

What always holds: a broadcast inside `transaction()` waits for the outermost commit and is dropped on rollback.
Subscribers of this process get it directly and in order, those of other processes once. Nobody gets it twice, and
somebody may miss it: who was cut off, or too slow, is sent `Resync` and reads everything again. What must not be lost
is a row first: `react` writes it in the transaction of the deed, without the deed's room knowing. `follow` gives events
with the numbers that they have in all processes, given by one place: PostgreSQL, or Redis where there is one.

`Phoenix.PubSub`, with PostgreSQL's LISTEN/NOTIFY or Redis between the processes.
"""

from __future__ import annotations

from myapp.kit.pubsub._events import Event, Resync, event
from myapp.kit.pubsub._hub import Callback, PubSub, Subscription
from myapp.kit.pubsub._mailbox import Mailbox, mailbox
from myapp.kit.pubsub._order import Following, Position
from myapp.kit.pubsub._remote import connected
from myapp.kit.pubsub._verbs import (
    broadcast,
    broadcast_from,
    follow,
    is_subscribed,
    local_broadcast,
    react,
    resync,
    subscribe,
    use,
)

__all__ = [
    "Callback",
    "Event",
    "Following",
    "Mailbox",
    "Position",
    "PubSub",
    "Resync",
    "Subscription",
    "broadcast",
    "broadcast_from",
    "connected",
    "event",
    "follow",
    "is_subscribed",
    "local_broadcast",
    "mailbox",
    "react",
    "resync",
    "subscribe",
    "use",
]
