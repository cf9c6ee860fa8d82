"""From the promise to the server's word: a job for each mail, whose words wait in the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from myapp.kit import jobs, telemetry
from myapp.kit.clock import now
from myapp.kit.jobs import Cancel, Outcome, Snooze
from myapp.kit.mailer import _outbox
from myapp.kit.mailer._layout import use_site
from myapp.kit.mailer._mail import BadAddress, Mail, message
from myapp.kit.mailer._outbox import MailRow
from myapp.kit.mailer._transport import NotDelivered, Transport
from myapp.kit.repo import in_transaction
from myapp.kit.telemetry import Span

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way out of this process."""

    transport: Transport
    sender: str


_way: _Way | None = None


@asynccontextmanager
async def running(transport: Transport | None, *, sender: str, site: str) -> AsyncGenerator[None]:
    """Let jobs deliver until the end of the block. Without a transport this process only writes mails.

    `sender` is an address, with a name or without; `site` is scheme and host for the links.
    """
    global _way  # noqa: PLW0603 - the one place a process keeps it
    use_site(site)
    _way = _Way(transport, sender) if transport else None
    try:
        yield
    finally:
        _way = None


async def enqueue(mail: Mail) -> bool:
    """Promise the mail, if and when the transaction commits. False: the same one was promised within the last minute.

    Raises RuntimeError outside `transaction()`.
    """
    if not in_transaction():
        raise RuntimeError("a mail belongs to the transaction of the deed: call enqueue() inside transaction()")
    mail_id = await _outbox.add(mail)
    if mail_id is None:
        return False
    await jobs.enqueue(_outbox.WORKER, {"id": mail_id})
    return True


async def deliver(mail_id: UUID, *, is_last: bool) -> Outcome:
    """Bring one mail out, unless that was done. What may go well the next time is raised; `is_last`: there is none."""
    if _way is None:
        raise RuntimeError("this process has no way out for mails: application.py gives one to those that serve")
    row = await _outbox.claim(mail_id)
    if row is None:
        wait = await _outbox.wait_for(mail_id)
        return Snooze(wait) if wait else None
    with telemetry.span("mailer.delivery", {"kind": row.kind, "outcome": "sent"}) as span:
        failure = await _attempt(_way, row)
        if failure is None:
            await _outbox.mark_sent(row, keeps=_way.transport.keeps)
        else:
            await _failed(span, row, failure, is_final=is_last or _is_final(failure))
    if failure is None:
        return None
    if _is_final(failure):
        return Cancel(str(failure))
    raise failure


async def _attempt(way: _Way, row: MailRow) -> Exception | None:
    """What went wrong, if anything did."""
    try:
        await way.transport.deliver(message(row.id, row.mail, sender=way.sender, moment=now()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail's row says so before the job fails by it
        return error
    except asyncio.CancelledError:  # let go at once, instead of when the lease is over
        await asyncio.shield(_outbox.mark_failed(row, "cut off", is_final=False))
        raise
    return None


def _is_final(failure: Exception) -> bool:
    """Whether it will be the same the next time."""
    return isinstance(failure, BadAddress) or (isinstance(failure, NotDelivered) and failure.is_final)


async def _failed(span: Span, row: MailRow, failure: Exception, *, is_final: bool) -> None:
    why = str(failure) if isinstance(failure, BadAddress | NotDelivered) else type(failure).__name__
    level, outcome = (logging.ERROR, "given up") if is_final else (logging.WARNING, "not delivered yet")
    span.metadata["outcome"] = outcome
    log.log(level, "mail %s (%s) is %s, attempt %s: %s", row.id, row.kind, outcome, row.attempts, why)
    await _outbox.mark_failed(row, why, is_final=is_final)
