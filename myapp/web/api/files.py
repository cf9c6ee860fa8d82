"""Files that come in and go out over plain HTTP, so that they are never held in memory or in a state.

    POST /uploads/imports/demo?filename=site.xml      the file as the request's body; 202, and the import waits its turn
    GET  /downloads/demo/posts.zip                    every post as Markdown

Who asks is told by the session cookie, as on the pages, where posts of other sites are refused by their `Origin`; or by
an API key or access token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import JSONResponse, Response, StreamingResponse

from myapp import blog
from myapp.kit import routes
from myapp.kit.errors import AppError, RateLimited
from myapp.web.api.requests import limited, scope_of_request


def files_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    router.post(routes.UPLOAD_IMPORT, include_in_schema=False)(receive_import)
    router.get(routes.DOWNLOAD_POSTS, include_in_schema=False)(send_posts)
    return router


async def receive_import(
    request: Request, org_slug: str, filename: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Keep the file and let an import of it wait its turn; the page sees it by itself."""
    try:
        scope = await scope_of_request(request, org_slug)
        upload = await blog.save_upload(scope, filename, request.stream())
        started = await blog.start_import(scope, upload.path, kind=upload.kind, filename=filename)
    except AppError as error:
        return _refused(error)
    return JSONResponse({"data": {"id": str(started.id)}}, status.HTTP_202_ACCEPTED)


async def send_posts(request: Request, org_slug: str) -> Response:
    """The zip while it is made."""
    try:
        pieces = blog.export_markdown(await scope_of_request(request, org_slug))
        first = await anext(pieces)
    except AppError as error:
        return _refused(error)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(org_slug)}-posts.zip"}
    return StreamingResponse(_all(first, pieces), media_type="application/zip", headers=headers)


async def _all(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece


def _refused(error: AppError) -> Response:
    if isinstance(error, RateLimited):
        return limited(error)
    return JSONResponse({"errors": {"detail": str(error)}}, error.status)
