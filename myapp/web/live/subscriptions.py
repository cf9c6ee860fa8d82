"""A page that follows a topic: its handler runs in the tab whenever something was broadcast there.

    @event                                   # loads the page
    async def load(self) -> None:
        scope = await scope_of(self)
        self.posts = …
        follow(self, blog.topic_posts(scope.org_id), PostsState.on_posts)

    @server_event
    async def on_posts(self, events: list) -> None:
        ...                                  # read again what the page shows; the events say what changed

What always holds: a tab follows only while it is connected and stays on the page (`ShellState.enter` ends what the page
before followed, and a closed connection ends everything), so no task and no memory is left behind. A tab's handler runs
at most five times a second; what comes faster is collected, in order, and handed over together. When more than
`CAPACITY` events have piled up, or PubSub itself lost some, the list is a single `Resync`: read everything again.

Phoenix does this with `Phoenix.PubSub.subscribe` and `handle_info` in a LiveView process; Reflex has no process a tab,
so here one hub a server process keeps what each tab follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

import reflex as rx

from myapp.kit import pubsub
from myapp.kit.pubsub import Resync, Subscription

INTERVAL = 0.2  # seconds between two runs of a tab's handler
CAPACITY = 200

type Deliver = Callable[[str, Any, list[object]], bool]


class _Follower:
    """One tab's interest in one topic, and the events that wait for the tab's next turn."""

    __slots__ = ("_deliver", "_every", "_gone", "_next_at", "_timer", "_waiting", "handler", "subscription", "token")

    def __init__(
        self, token: str, topic: str, handler: Any, deliver: Deliver, gone: Callable[[str], None], every: float
    ) -> None:
        self.token = token
        self.handler = handler
        self._deliver = deliver
        self._gone = gone
        self._every = every
        self._waiting: list[object] = []
        self._timer: asyncio.TimerHandle | None = None
        self._next_at = 0.0
        self.subscription: Subscription = pubsub.subscribe(topic, self._on_event)

    def _on_event(self, _topic: str, event: object) -> None:
        if isinstance(event, Resync) or len(self._waiting) >= CAPACITY:
            self._waiting = [Resync()]
        elif not any(isinstance(each, Resync) for each in self._waiting[:1]):
            self._waiting.append(event)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            # An empty context: the publisher's transaction, locale and event are none of this tab's business.
            self._timer = loop.call_at(max(loop.time(), self._next_at), self._flush, context=Context())

    def _flush(self) -> None:
        self._timer = None
        self._next_at = asyncio.get_running_loop().time() + self._every
        events, self._waiting = self._waiting, []
        if not self._deliver(self.token, self.handler, events):
            self._gone(self.token)

    def end(self) -> None:
        self.subscription.cancel()
        if self._timer is not None:
            self._timer.cancel()


class Followers:
    """What the tabs of this process follow. `deliver(token, handler, events)` runs a handler in a tab."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._by_token: dict[str, dict[tuple[object, ...], _Follower]] = {}

    def follow(self, token: str, topic: str, handler: Any, *, every: float = INTERVAL) -> None:
        """The handler runs in the tab for the topic from now on: once, however often it is asked for.

        Others may follow the same topic there, such as what surrounds the page and the page itself.
        """
        mine = self._by_token.setdefault(token, {})
        name = (topic, getattr(handler, "state_full_name", ""), getattr(handler, "fn", handler))
        if name not in mine:
            mine[name] = _Follower(token, topic, handler, self._deliver, self.unfollow, every)

    def unfollow(self, token: str) -> None:
        """The tab was closed, or shows another page now."""
        for follower in self._by_token.pop(token, {}).values():
            follower.end()

    def __len__(self) -> int:
        return sum(len(followers) for followers in self._by_token.values())


_followers: Followers | None = None


def use(followers: Followers | None) -> None:
    """Name the hub of this process; `myapp.py` does at start, and a test for itself."""
    global _followers  # noqa: PLW0603 - the one place a process keeps it
    _followers = followers


def _current() -> Followers:
    if _followers is None:
        raise RuntimeError("subscriptions are not set up: myapp.py does it when the app is made")
    return _followers


def follow(state: rx.State, topic: str, handler: Any, *, every: float = INTERVAL) -> None:
    """Run `handler(events)` in this tab for what is broadcast on `topic`, until it leaves the page.

    `every` is how many seconds there are between two runs at least, for a handler that costs much.
    """
    _current().follow(state.router.session.client_token, topic, handler, every=every)


def unfollow_all(state: rx.State) -> None:
    """End what the tab follows; the shell does so whenever a page is entered."""
    _current().unfollow(state.router.session.client_token)
