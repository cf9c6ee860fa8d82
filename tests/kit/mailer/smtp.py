"""SMTP servers of the tests' own (aiosmtpd), on a free port of this machine: good ones and bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"


@dataclass
class Inbox:
    """What a server was given, and what it answers."""

    to_recipient: str = OK
    to_data: str = OK
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    envelopes: list[Envelope] = field(default_factory=list[Envelope])
    greeted: int = 0
    port: int = 0
    before_data: Callable[[], Any] | None = None
    """Awaited before the server says that it has a mail."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["subject"]) for mail in self.mails]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient == OK:
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.before_data is not None:
            await self.before_data()
        if self.to_data == OK:
            self.envelopes.append(envelope)
            self.mails.append(cast("EmailMessage", message_from_bytes(cast("bytes", envelope.content), policy=default)))
        return self.to_data


@asynccontextmanager
async def smtp_server(inbox: Inbox | None = None, **options: Any) -> AsyncGenerator[Inbox]:
    """A server that keeps what it is given; `options` are aiosmtpd's own."""
    inbox = inbox or Inbox()
    made: list[SMTP] = []

    def protocol() -> SMTP:
        made.append(SMTP(inbox, enable_SMTPUTF8=True, **options))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()
        for each in made:
            if each.transport is not None:
                each.transport.close()
        handlers = [each._handler_coroutine for each in made if each._handler_coroutine is not None]
        await asyncio.gather(*handlers, return_exceptions=True)


@asynccontextmanager
async def rude_server(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncGenerator[str]:
    """The URL of a server that does what it likes with a connection."""
    talks: set[asyncio.Task[Any]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await answer(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
