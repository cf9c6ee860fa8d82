"""Who delivers: a few lanes in each process, each with one mail at a time, so that a slow one holds up no other."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from myapp.kit import telemetry
from myapp.kit.clock import now
from myapp.kit.mailer import _outbox
from myapp.kit.mailer._layout import use_site
from myapp.kit.mailer._mail import BadAddress, Mail, message
from myapp.kit.mailer._outbox import MailRow
from myapp.kit.mailer._transport import NotDelivered, Transport
from myapp.kit.repo import after_commit, in_transaction
from myapp.kit.telemetry import Span

LANES = 5
GRACE = 5.0
"""Seconds that deliveries under way are given when the process stops; what is cut off is tried again later."""

log = logging.getLogger(__name__)


class _Deliverer:
    """Lanes run while something is due, and end when nothing is."""

    def __init__(self, transport: Transport, sender: str) -> None:
        self._transport = transport
        self._sender = sender
        self._lanes: set[asyncio.Task[int]] = set()
        self._was_full = False
        self._stops = False

    def nudge(self) -> None:
        """Something may be due: one more lane sees to it, if there is room."""
        if self._stops:
            return
        if len(self._lanes) >= LANES:
            self._was_full = True
            return
        # Its queries are no part of the work that asked for the mail.
        lane = asyncio.create_task(self._lane(), name="deliver mails", context=contextvars.Context())
        self._lanes.add(lane)
        lane.add_done_callback(self._ended)

    async def deliver_due(self) -> int:
        """Deliver what is due, one after the other; how many were tried."""
        tried = 0
        while (row := await _outbox.claim()) is not None:
            await self._deliver(row)
            tried += 1
        return tried

    async def stop(self) -> None:
        self._stops = True
        if self._lanes:
            _, late = await asyncio.wait(self._lanes, timeout=GRACE)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _lane(self) -> int:
        try:
            return await self.deliver_due()
        except Exception:
            log.exception("mails could not be delivered; it is tried again")
            return 0

    def _ended(self, lane: asyncio.Task[int]) -> None:
        """What came when there was no room for another lane may have come too late for those there were."""
        self._lanes.discard(lane)
        if self._was_full and not lane.cancelled():
            self._was_full = False
            self.nudge()

    async def _deliver(self, row: MailRow) -> None:
        with telemetry.span("mailer.delivery", {"kind": row.kind, "outcome": "sent"}) as span:
            try:
                await self._transport.deliver(message(row.id, row.mail, sender=self._sender, moment=now()))
            except BadAddress as error:
                await self._failed(span, row, str(error), is_final=True)
            except NotDelivered as error:
                await self._failed(span, row, str(error), is_final=error.is_final)
            except Exception as error:
                log.exception("mail %s (%s) could not be written", row.id, row.kind)
                await self._failed(span, row, type(error).__name__, is_final=False)
            else:
                await _outbox.mark_sent(row, keeps=self._transport.keeps)

    async def _failed(self, span: Span, row: MailRow, why: str, *, is_final: bool) -> None:
        gives_up = is_final or row.attempts >= _outbox.ATTEMPTS
        level, outcome = (logging.ERROR, "given up") if gives_up else (logging.WARNING, "not delivered yet")
        span.metadata["outcome"] = outcome
        log.log(level, "mail %s (%s) is %s, attempt %s: %s", row.id, row.kind, outcome, row.attempts, why)
        await _outbox.mark_failed(row, why, is_final=is_final)


_deliverer: _Deliverer | None = None


@asynccontextmanager
async def running(transport: Transport | None, *, sender: str, site: str) -> AsyncGenerator[None]:
    """Deliver until the end of the block. Without a transport this process only writes mails, and others deliver them.

    `sender` is an address, with a name or without; `site` is scheme and host for the links.
    """
    global _deliverer  # noqa: PLW0603 - the one place a process keeps it
    use_site(site)
    mine = _deliverer = _Deliverer(transport, sender) if transport else None
    if mine:
        mine.nudge()
    try:
        yield
    finally:
        _deliverer = None
        if mine:
            await mine.stop()


async def enqueue(mail: Mail) -> bool:
    """Promise the mail, if and when the transaction commits. False: the same one was promised within the last minute.

    Raises RuntimeError outside `transaction()`.
    """
    if not in_transaction():
        raise RuntimeError("a mail belongs to the transaction of the deed: call enqueue() inside transaction()")
    is_new = await _outbox.add(mail)
    if is_new:
        after_commit(_nudge)
    return is_new


def _nudge() -> None:
    """A process without a deliverer leaves it to the others, which look every few seconds."""
    if _deliverer is not None:
        _deliverer.nudge()


async def deliver_due() -> int:
    """Deliver what is due now, in this process; how many were tried. Nothing without a transport."""
    return await _deliverer.deliver_due() if _deliverer is not None else 0
