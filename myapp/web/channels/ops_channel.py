"""How the site runs, as its operators follow it: `ops:<board>` or `ops:<board>:<part>`, for them alone.

The join is answered with a snapshot of the board, and `snapshot` brings the next one whenever something in it differs.
A board is read every few seconds while somebody follows it in this process, once for all of them, and never else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextvars import Context
from typing import Any, override

from myapp import accounts, ops
from myapp.kit import channels
from myapp.kit.channels import Channel, Payload, Refused, Socket
from myapp.kit.errors import AppError
from myapp.kit.pubsub import Resync
from myapp.kit.scope import Scope
from myapp.web.ops.board import Board

TOPIC = "ops"

log = logging.getLogger(__name__)


class OpsChannel(Channel):
    """Answers for all boards."""

    def __init__(self, boards: Mapping[str, Board]) -> None:
        self._boards = boards
        self._shown: dict[str, _Shown] = {}

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        await _require_operator(socket)
        name, _, part = topic.removeprefix(f"{TOPIC}:").partition(":")
        board = self._boards.get(name)
        if board is None or not board.has(part):
            raise Refused("unmatched topic")
        socket.subscribe(accounts.USERS)
        shown = self._shown.get(topic)
        if shown is None:
            shown = self._shown[topic] = _Shown(topic, board, part)
        shown.followers += 1
        socket.on_leave(lambda: self._leave(shown))
        return await shown.latest()

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        """Somebody may be an operator no longer."""
        is_about_them = getattr(event, "user_id", None) == socket.assigns["who"].user_id
        if is_about_them or isinstance(event, Resync):
            try:
                await _require_operator(socket)
            except AppError:
                socket.close()

    @override
    def close(self) -> None:
        for shown in self._shown.values():
            shown.end()
        self._shown.clear()

    def _leave(self, shown: _Shown) -> None:
        shown.followers -= 1
        if not shown.followers and self._shown.get(shown.topic) is shown:
            del self._shown[shown.topic]
            shown.end()


class _Shown:
    """A board that somebody follows."""

    def __init__(self, topic: str, board: Board, part: str) -> None:
        self.topic = topic
        self.followers = 0
        self._board = board
        self._part = part
        self._snapshot: Mapping[str, object] | None = None
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def latest(self) -> Mapping[str, object]:
        """What was read last; read now for the first of its followers."""
        async with self._reading:
            if self._snapshot is None:
                self._snapshot = await self._read()
                if self.followers:
                    self._task = asyncio.create_task(self._keep_reading(), name=self.topic, context=Context())
            return self._snapshot

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _read(self) -> Mapping[str, object]:
        return await self._board.read(Scope.system("operators look at how the site runs"), self._part)

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(self._board.every)
            try:
                snapshot = await self._read()
            except Exception:
                log.exception("%s was not read", self.topic)
                continue
            if snapshot != self._snapshot:
                self._snapshot = snapshot
                channels.local_broadcast(self.topic, "snapshot", snapshot)


async def _require_operator(socket: Socket) -> None:
    """Raises Forbidden, or Unauthenticated, for who may not see how the site runs."""
    ops.authorise(await accounts.scope_for(socket.assigns["who"]), "see_operations")
