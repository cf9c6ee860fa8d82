"""A file while it arrives: counted byte by byte, and gone when nobody keeps it.

    async with received(request.stream(), limit=5 * MB) as file:
        ...                                             # an open file, to be read from its beginning

What always holds: the byte after the limit ends it, whatever length was announced; the file has no name anywhere on
the disk, so that nothing is left of it however this ends, a killed process included. A full disk is said to whoever
sends, and logged for whoever keeps the machine.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from tempfile import TemporaryFile
from typing import IO

from myapp.kit import rate_limit
from myapp.kit.errors import AppError
from myapp.kit.i18n import gettext_noop
from myapp.kit.rate_limit import Limit
from myapp.kit.scope import Scope

MB = 1 << 20
UPLOADS = Limit("uploads", count=60, seconds=300)
"""Files that a person may send: each is read, judged and encoded anew."""
_AT_ONCE = 1 << 18  # bytes gathered before they are written
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = logging.getLogger(__name__)


async def spend_upload(scope: Scope) -> None:
    """Count that the person sends a file, before it is read. Raises RateLimited."""
    if scope.user_id is not None:
        await rate_limit.spend(UPLOADS, f"user {scope.user_id}")


class FileRefused(AppError):
    """What is wrong with a file, as a form says it at the field: what every edge that takes files answers with."""

    @property
    def errors(self) -> dict[str, list[str]]:
        """The shape of `Invalid.errors`."""
        return {"file": [str(self)]}


class Unacceptable(FileRefused):
    """It is not what is asked for, whatever it is called."""

    status = 422
    message = gettext_noop("You have selected an unacceptable file type")


class TooLarge(FileRefused):
    """More came than may."""

    status = 413
    message = gettext_noop("too large")


class NoRoom(FileRefused):
    """The disk is full; what was written of the file is gone again."""

    status = 507
    message = gettext_noop("cannot be kept, as there is no room left here. Try again later.")


@contextmanager
def kept_on_disk() -> Generator[None]:
    """Around what writes a file. Raises NoRoom where the system says that it finds no room for it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        log.error("an upload was refused, as the disk is full: %s", error.filename or error)  # noqa: TRY400
        raise NoRoom from error


@asynccontextmanager
async def received(chunks: AsyncIterable[bytes], *, limit: int) -> AsyncGenerator[IO[bytes]]:
    """What comes, as an open file without a name, until the end of the block.

    Raises TooLarge over `limit` bytes, and NoRoom when the disk is full, also for what the block writes.
    """
    with kept_on_disk(), await asyncio.to_thread(TemporaryFile) as file:
        size, waiting = 0, bytearray()
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge
            waiting += chunk
            if len(waiting) >= _AT_ONCE:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(file.write, bytes(waiting))
        file.seek(0)
        yield file


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := await asyncio.to_thread(file.read, _AT_ONCE):
        yield chunk


async def whole(content: bytes) -> AsyncIterator[bytes]:
    """Bytes that are all there, as a stream."""
    yield content
