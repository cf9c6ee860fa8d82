"""Who has joined stays no longer than they may: what a join was allowed for may end before the connection does.

    def __init__(self):
        self._admission = Admission(lambda who, topic: accounts.scope_for(who, slug_in(topic)))

    async def join(self, topic, params, socket):
        self._admission.watch(socket)       # first: what changes while the join is looked at is noticed, too
        …

When a membership or an organisation changes, or who runs the site, those concerned are asked about again, once for
each person and topic of this process and one after the other, and shown out (`phx_close`) where they would no longer be
let in. After a `Resync` that is everybody, as what was missed may have been a removal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context

from myapp import accounts
from myapp.accounts import MembershipDeleted, MembershipUpdated, OperatorChanged, OrganizationUpdated, Principal
from myapp.kit import pubsub
from myapp.kit.channels import Refused, Socket
from myapp.kit.errors import AppError
from myapp.kit.pubsub import Resync, Subscription

log = logging.getLogger(__name__)

type Admit = Callable[[Principal, str], Awaitable[object]]
"""Takes who it is and the topic. Raises an AppError or Refused for who may not be there now."""

AGAIN = 1.0  # seconds after the database was away


class Admission:
    """Those who have joined the topics of one channel in this process."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._inside: dict[str, set[Socket]] = {}
        self._doubtful: set[tuple[Principal, str]] = set()
        self._subscription: Subscription | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, socket: Socket) -> None:
        """Ask about a socket until it leaves, whenever there is a reason to. From within its `join`."""
        if self._subscription is None:
            self._subscription = pubsub.subscribe(accounts.MEMBERSHIPS, self._hear)
        self._inside.setdefault(socket.topic, set()).add(socket)
        socket.on_leave(lambda: self._forget(socket))

    def close(self) -> None:
        """The process stops: hear nothing more."""
        if self._subscription is not None:
            self._subscription.cancel()
            self._subscription = None
        if self._task is not None:
            self._task.cancel()

    def _forget(self, socket: Socket) -> None:
        others = self._inside[socket.topic]
        others.discard(socket)
        if not others:
            del self._inside[socket.topic]

    def _hear(self, _topic: str, event: object) -> None:
        match event:
            case MembershipDeleted() | MembershipUpdated() | OperatorChanged():
                self._doubtful |= {each for each in self._people() if each[0].user_id == event.user_id}
            case OrganizationUpdated() | Resync():
                self._doubtful |= self._people()
            case _:
                return
        if self._doubtful and self._task is None:
            # With nothing of whoever happens to start it: their transaction is none of its business.
            self._task = asyncio.create_task(self._ask(), context=Context())

    def _people(self) -> set[tuple[Principal, str]]:
        return {(each.assigns["who"], topic) for topic, sockets in self._inside.items() for each in sockets}

    async def _ask(self) -> None:
        try:
            while self._doubtful:
                who, topic = self._doubtful.pop()
                try:
                    await self._admit(who, topic)
                except (Refused, AppError):
                    self._show_out(who, topic)
                except Exception:
                    log.exception("whether somebody may stay could not be found out; it is asked again")
                    self._doubtful.add((who, topic))
                    await asyncio.sleep(AGAIN)
        finally:
            self._task = None

    def _show_out(self, who: Principal, topic: str) -> None:
        for socket in tuple(self._inside.get(topic, ())):
            if socket.assigns["who"] == who:
                socket.close()
