"""Files that were sent, given out: to whom they are for, and as nothing but what they are.

    GET /files/<organisation>/covers/<name>          for who may read the post
    GET /files/<organisation>/attachments/<name>     the same, to be saved
    GET /avatars/<name>                              for everybody who knows the name

What always holds: the browser neither guesses another type nor runs anything (nosniff, a policy that allows nothing and
a sandbox); what is no picture of ours is saved, not opened. A name stands for the same bytes for ever, so browsers keep
them; only their own copy, where not everybody may read them, and only for the same cookies.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Request, status
from fastapi.responses import JSONResponse, Response, StreamingResponse

from myapp import blog
from myapp.kit import routes, storage
from myapp.kit.errors import AppError, NotFound, Unavailable
from myapp.kit.storage import StoredFile
from myapp.web.api.requests import scope_of_request

FOR_EVERYBODY = "public, max-age=31536000, immutable"
FOR_ONE = "private, max-age=31536000, immutable"
_INERT = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "accept-ranges": "bytes",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

type Range = Annotated[str, Header()]


def stored_files_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    router.get(routes.FILE, include_in_schema=False)(send_file)
    router.get(routes.AVATAR, include_in_schema=False)(send_avatar)
    return router


async def send_file(request: Request, org_id: UUID, folder: str, name: str, range: Range = "") -> Response:  # noqa: A002
    """A file of a post."""
    try:
        scope = await scope_of_request(request, org_id=org_id)
        found = await blog.get_file(scope, f"{folder}/{name}")
    except Unavailable:
        raise
    except AppError:
        return _missing()
    shown = "inline" if found.is_shown else f"attachment; filename*=UTF-8''{quote(found.filename, safe='')}"
    headers = {"content-disposition": shown, "cache-control": FOR_ONE, "vary": "Cookie"}
    return sent(found.stored, headers, range)


async def send_avatar(name: str, range: Range = "") -> Response:  # noqa: A002
    """Somebody's picture: who knows its name has seen it."""
    try:
        stored = await storage.current().get(f"avatars/{name}")
    except NotFound:
        return _missing()
    return sent(stored, {"content-disposition": "inline", "cache-control": FOR_EVERYBODY}, range)


def _missing() -> Response:
    return JSONResponse({"errors": {"detail": str(NotFound())}}, status.HTTP_404_NOT_FOUND)


def sent(stored: StoredFile, headers: dict[str, str], wanted: str) -> Response:
    """All of it, or the one range that was asked for (RFC 9110, section 14)."""
    headers |= _INERT
    part = _part(wanted, stored.size)
    if part is None:
        headers["content-range"] = f"bytes */{stored.size}"
        return Response(status_code=status.HTTP_416_RANGE_NOT_SATISFIABLE, headers=headers)
    start, end = part
    headers["content-length"] = str(end - start)
    code = status.HTTP_200_OK
    if (start, end) != (0, stored.size):
        headers["content-range"] = f"bytes {start}-{end - 1}/{stored.size}"
        code = status.HTTP_206_PARTIAL_CONTENT
    return StreamingResponse(stored.chunks(start, end), code, headers, stored.content_type)


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """From where to, without, where; None for what lies behind the end. What is no single range asks for all of it.

    >>> _part("", 10), _part("bytes=2-4", 10), _part("bytes=7-", 10), _part("bytes=-3", 10), _part("bytes=0-1,4-5", 10)
    ((0, 10), (2, 5), (7, 10), (7, 10), (0, 10))
    >>> _part("bytes=10-", 10), _part("bytes=5-99", 10), _part("bytes=-0", 10), _part("bytes=4-2", 10)
    (None, (5, 10), None, (0, 10))
    """
    found = _RANGE.fullmatch(wanted)
    if found is None or found.groups() == ("", ""):
        return 0, size
    first, last = found.groups()
    if not first:
        return (max(size - int(last), 0), size) if int(last) and size else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size
    return (start, end) if start < size else None
