"""The ways out: an SMTP server (RFC 5321), or none, when a developer reads the mails on `/dev/mailbox`."""

from __future__ import annotations

import asyncio
import ipaddress
from email.message import EmailMessage
from typing import ClassVar, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

PATIENCE = 30.0
"""Seconds for one mail, from the connection to the server's last word."""
PORTS = {"smtp": 587, "smtps": 465}


class NotDelivered(Exception):
    """The mail did not go. `is_final`: the server will say the same next time. The text is for the log."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


class Transport(Protocol):
    """Takes a mail where it is going. `keeps`: its words stay in the outbox, to be read there."""

    keeps: ClassVar[bool]

    async def deliver(self, message: EmailMessage) -> None:
        """Returns once somebody else answers for the mail. Raises NotDelivered."""
        ...


class Kept:
    """For development: mails stay in the outbox."""

    keeps: ClassVar[bool] = True

    async def deliver(self, message: EmailMessage) -> None:
        """It is there already."""


class Smtp:
    """An SMTP server, as `smtp://user:password@host:587` or `smtps://…:465`.

    `smtps` speaks TLS from the first byte. `smtp` changes to TLS where the server offers it, and insists on it before a
    password is said; to a server on this machine it speaks as it is. Certificates are always checked.
    """

    keeps: ClassVar[bool] = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "") if parts.username else None
        self._is_tls = parts.scheme == "smtps"
        self._start_tls = _start_tls(self._host, needed=self._user is not None)

    async def deliver(self, message: EmailMessage) -> None:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._is_tls,
            start_tls=False if self._is_tls else self._start_tls,
            local_hostname="localhost",
            timeout=PATIENCE,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await server.connect()
                await server.send_message(message)
                await _part(server)
        except SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            raise NotDelivered(f"recipient refused: {codes}", is_final=min(codes) >= 500) from refused
        except SMTPDataError as refused:
            raise NotDelivered(f"refused: {refused.code} {refused.message}", is_final=refused.code >= 500) from refused
        except (SMTPException, OSError, ValueError) as error:  # a TimeoutError is an OSError
            raise NotDelivered(f"{type(error).__name__}: {error}") from error
        finally:
            server.close()


async def _part(server: aiosmtplib.SMTP) -> None:
    """Say goodbye. The mail is delivered: what goes wrong now must not have it sent again."""
    try:
        await server.quit(timeout=2)
    except (SMTPException, OSError):
        return


def _start_tls(host: str, *, needed: bool) -> bool | None:
    """True: insist on it. None: where it is offered. False: leave it, as the words do not leave this machine."""
    if _is_here(host):
        return False
    return True if needed else None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
