"""Everything that is one's own, to take along: a zip, made while it is sent."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from myapp import personal_data
from myapp.kit import routes
from myapp.web.api.long import begun, read_by
from myapp.web.api.requests import scope_of_request


def own_data_router() -> APIRouter:
    """The endpoint."""
    router = APIRouter()
    router.get(routes.DOWNLOAD_OWN_DATA, include_in_schema=False)(send_own_data)
    return router


async def send_own_data(request: Request) -> Response:
    """Of whoever asks. Who is nobody, or comes by a key, is refused before it begins."""
    scope = await scope_of_request(request)
    pieces = await begun(personal_data.download(scope))
    headers = {"content-disposition": 'attachment; filename="my-data.zip"', "cache-control": "no-store"}
    return StreamingResponse(read_by(request, scope, None, pieces), media_type="application/zip", headers=headers)
