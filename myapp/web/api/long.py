"""What takes long over HTTP: files that come, and files that are made while they go.

Who was let in at the beginning may be out before the end: logged out elsewhere, taken out of the organisation, or less
there than before. Whoever sends or reads slowly enough would choose how long what they were is worth. So it is asked
again, every few seconds while it lasts, and when a file has come, before anything is made of it.

    card = await blog.upload_file(scope, kind, filename, sent_by(request, scope, org_slug))
    pieces = await begun(blog.export_markdown(scope))
    return StreamingResponse(read_by(request, scope, org_slug, pieces))
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from time import monotonic

from fastapi import Request

from myapp.kit.errors import AppError, Forbidden, Unauthenticated
from myapp.kit.scope import Scope
from myapp.web.api.requests import scope_of_request

EVERY = 5.0
"""Seconds."""

log = logging.getLogger(__name__)


async def sent_by(request: Request, scope: Scope, org_slug: str | None = None) -> AsyncGenerator[bytes]:
    """The request's body. Raises Unauthenticated, NotFound or Forbidden once its sender is not who `scope` says."""
    asked = monotonic()
    async for piece in request.stream():
        if monotonic() - asked >= EVERY:
            await _require(request, scope, org_slug)
            asked = monotonic()
        yield piece
    await _require(request, scope, org_slug)


async def begun(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The same, once the first is there: raises what is refused before the answer begins."""
    return _all(await anext(pieces), pieces)


async def read_by(
    request: Request, scope: Scope, org_slug: str | None, pieces: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    """The same pieces, as long as the reader is who `scope` says. What breaks off is no zip: it lacks its list."""
    asked = monotonic()
    async with aclosing(pieces):
        async for piece in pieces:
            if monotonic() - asked >= EVERY:
                try:
                    await _require(request, scope, org_slug)
                except AppError as error:
                    log.info("a download was broken off: %s", type(error).__name__)
                    return
                asked = monotonic()
            yield piece


async def _all(first: bytes, others: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(others):
        yield first
        async for piece in others:
            yield piece


async def _require(request: Request, scope: Scope, org_slug: str | None) -> None:
    found = await scope_of_request(request, org_slug)
    if found.user_id != scope.user_id:
        raise Unauthenticated
    if _is_less(found, scope):
        raise Forbidden


def _is_less(found: Scope, than: Scope) -> bool:
    """Whether it is another scope, except that it may do more by now."""
    ranks = [-1 if each.role is None else each.role.rank for each in (found, than)]
    same = replace(found, role=than.role, is_operator=than.is_operator) == than
    return not same or ranks[0] < ranks[1] or found.is_operator < than.is_operator
