"""The table `mails`: what is promised, who tries it, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from math import ceil
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.jobs import INCOMPLETE
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.mailer._mail import Mail
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import advisory_lock, current_session, reading, savepoint, transaction
from myapp.kit.schema import column
from myapp.kit.scope import Scope
from myapp.kit.table import Row

WORKER = "myapp.kit.mailer.jobs.DeliverMail"
"""Which jobs deliver; each has the `id` of its mail."""
SAME_WITHIN = timedelta(seconds=60)
LEASE = timedelta(seconds=120)
"""How long who claimed a mail may try; a process that dies lets go of it then. Longer than a job may take."""
KEEP_DAYS = 7
_MAX_ERROR = 500  # characters
_CARRIER = Scope.system("carries mail")


class MailRow(Row, table=True):
    """A mail on its way. The words are gone once it was delivered, or given up."""

    __tablename__: ClassVar[Any] = "mails"
    __table_args__ = (
        sa.CheckConstraint("attempts >= 0", name="attempts"),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="outcome"),
        sa.Index("ix_mails_due", "next_attempt_at", postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL")),
        sa.Index("ix_mails_fingerprint", "fingerprint", "inserted_at"),
        {"comment": "The outbox: mails that are promised, and for some days what became of them"},
    )

    kind: str = column(sa.String(), "Stable name, such as accounts.reset")
    recipient: str = column(sa.String(), "The address it goes to")
    locale: str = column(sa.String(), "The language it is written in")
    subject: str = column(sa.String(), "In one line")
    text: str = column(sa.String(), "The words; empty once it was delivered or given up")
    html: str = column(sa.String(), "The same words as HTML; empty with them")
    fingerprint: str = column(sa.String(), "SHA-256 of what makes it the same as another")
    attempts: int = column(
        sa.Integer(), "How often somebody began to deliver it", default=0, sa_column_kwargs={"server_default": "0"}
    )
    next_attempt_at: datetime = column(
        sa.DateTime(timezone=True), "Nobody tries before; while somebody tries, when that one has lost it"
    )
    sent_at: datetime | None = column(sa.DateTime(timezone=True), "When it was taken over", default=None)
    failed_at: datetime | None = column(sa.DateTime(timezone=True), "When it was given up", default=None)
    last_error: str | None = column(sa.String(), "Why it did not go the last time", default=None)

    @property
    def mail(self) -> Mail:
        return Mail(self.recipient, self.subject, self.text, self.html, self.kind, self.locale)


async def add(mail: Mail) -> UUID | None:
    """Write its row, unless the same mail was written within the last minute; its id if it was."""
    moment, fingerprint = now(), mail.fingerprint
    same = select(MailRow.id).where(MailRow.fingerprint == fingerprint, MailRow.inserted_at > moment - SAME_WITHIN)
    with repeats_allowed():  # a mail each to several people
        async with savepoint() as session, advisory_lock(f"mails:{fingerprint}"):
            if (await session.exec(same.limit(1))).first() is not None:
                return None
            row = MailRow(
                kind=mail.kind,
                recipient=mail.to,
                locale=mail.locale,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                fingerprint=fingerprint,
                next_attempt_at=moment,
            )
            session.add(row)
    return row.id


async def claim(mail_id: UUID) -> MailRow | None:
    """The mail, counted as tried and ours for `LEASE`; None when it is somebody else's, or nothing is to be done."""
    moment = now()
    taken = (
        sa.update(MailRow)
        .where(col(MailRow.id) == mail_id, _is_open(), col(MailRow.next_attempt_at) <= moment)
        .values(attempts=MailRow.attempts + 1, next_attempt_at=moment + LEASE)
        .returning(MailRow)
    )
    async with transaction(_CARRIER) as session:
        return (await session.exec(taken, execution_options={"populate_existing": True})).scalar_one_or_none()


async def wait_for(mail_id: UUID) -> int | None:
    """Seconds until who claimed it has lost it; None when nothing is to be done any more."""
    claimed = select(MailRow.next_attempt_at).where(MailRow.id == mail_id, _is_open())
    async with reading(_CARRIER) as session:
        until = (await session.exec(claimed)).one_or_none()
    return None if until is None else max(1, ceil((until - now()).total_seconds()))


async def mark_sent(row: MailRow, *, keeps: bool) -> None:
    """It is somebody else's to answer for; without `keeps` its words go."""
    await _settle(row, sent_at=now(), last_error=None, **({} if keeps else _NO_WORDS))


async def mark_failed(row: MailRow, error: str, *, is_final: bool) -> None:
    """Let go of it, or give up. Says nothing when somebody else tries it by now."""
    moment = now()
    outcome: dict[str, Any] = {"failed_at": moment, **_NO_WORDS} if is_final else {"next_attempt_at": moment}
    await _settle(row, col(MailRow.attempts) == row.attempts, last_error=error[:_MAX_ERROR], **outcome)


async def _settle(row: MailRow, *conditions: sa.ColumnElement[bool], **values: Any) -> None:
    async with transaction(_CARRIER) as session:
        await session.exec(sa.update(MailRow).where(col(MailRow.id) == row.id, _is_open(), *conditions).values(values))


async def prune() -> None:
    """Give up what has no job any more: its processes died, or an operator ended it. Forget what is long over."""
    moment = now()
    wanted = sa.exists().where(
        oban_jobs.c.worker == WORKER,
        oban_jobs.c.state.in_(INCOMPLETE),
        oban_jobs.c.args["id"].astext == sa.cast(col(MailRow.id), sa.Text),
    )
    lost = sa.and_(_is_open(), col(MailRow.next_attempt_at) <= moment, sa.not_(wanted))
    old = sa.and_(sa.not_(_is_open()), col(MailRow.updated_at) < moment - timedelta(days=KEEP_DAYS))
    async with transaction(_CARRIER) as session:
        await session.exec(sa.update(MailRow).where(lost).values(failed_at=moment, last_error="lost", **_NO_WORDS))
        await session.exec(sa.delete(MailRow).where(old))


async def forget(address: str, *words: str) -> None:
    """Delete the mails to an address, and put `[…]` for these words in those to others, within the open transaction.

    The words are what somebody wished to be called, which may be "https" or "confirm": they are replaced where they
    stand as words, and never within an address, so that everybody else's links go on working.
    """
    session = current_session()
    await session.exec(sa.delete(MailRow).where(sa.func.lower(col(MailRow.recipient)) == sa.func.lower(address)))
    first = {each for word in words for part in word.split()[:1] for each in (part, escape(part))}
    columns = (col(MailRow.subject), col(MailRow.text), col(MailRow.html))
    holds = [column.contains(each, autoescape=True) for column in columns for each in first]
    for row in (await session.exec(select(MailRow).where(sa.or_(sa.false(), *holds)).with_for_update())).all():
        row.subject, row.text = (_without(words, text) for text in (row.subject, row.text))
        row.html = _without([escape(word) for word in words], row.html)


def _without(words: Sequence[str], text: str) -> str:
    r"""The text without these words, also where a line breaks between them.

    >>> _without(["Ada Okafor", "confirm"], "> Ada\n> Okafor: confirm https://x.example/confirm/1")
    '> […]: […] https://x.example/confirm/1'
    """
    names = "|".join(r"[\s>]+".join(map(re.escape, word.split())) for word in words if word.strip())
    within = r"[\w/@=&?#%+-]"  # of an address
    return re.sub(rf"(?<!{within})(?<!\w[.:])(?:{names})(?!{within}|[.:][\w/])", "[…]", text) if names else text


async def list_kept(*, limit: int = 200) -> list[MailRow]:
    """The last mails, newest first, as a developer reads them."""
    async with reading(_CARRIER) as session:
        return list((await session.exec(select(MailRow).order_by(col(MailRow.id).desc()).limit(limit))).all())


async def get_kept(mail_id: UUID) -> MailRow:
    """One of them. Raises NotFound."""
    async with reading(_CARRIER) as session:
        row = await session.get(MailRow, mail_id)
    if row is None:
        raise NotFound
    return row


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(col(MailRow.sent_at).is_(None), col(MailRow.failed_at).is_(None))


_NO_WORDS = {"text": "", "html": ""}
