"""`GET /metrics`: the process's figures, for the operators' Prometheus and for nobody else.

With `METRICS_TOKEN` it takes `Authorization: Bearer <token>`. Without, only programs of this machine that come by no
proxy: behind one on the same machine everybody would seem to be from here. For others there is no such page.
"""

from __future__ import annotations

import asyncio
from hmac import compare_digest
from ipaddress import ip_address

from fastapi import APIRouter, Request
from starlette.responses import Response

from myapp.kit import routes, telemetry
from myapp.kit.errors import NotFound
from myapp.kit.telemetry.prometheus import exposition

FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "via"})


def metrics_router(token: str | None) -> APIRouter:
    """The endpoint."""
    router = APIRouter()

    @router.get(routes.METRICS, include_in_schema=False)
    async def show_metrics(request: Request) -> Response:
        """In the format that whoever asks accepts."""
        if not _may_read(request, token):
            raise NotFound
        # A thread: a thousand series are some 10 ms of work.
        text, kind = await asyncio.to_thread(exposition, telemetry.store(), request.headers.get("accept", ""))
        return Response(text, media_type=kind, headers={"cache-control": "no-store"})

    return router


def _may_read(request: Request, token: str | None) -> bool:
    if token is not None:
        return compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode())
    return _is_from_here(request.client.host if request.client else "") and FORWARDED.isdisjoint(request.headers)


def _is_from_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a socket file
        return False
