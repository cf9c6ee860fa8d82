"""Files that come in and go out over plain HTTP, so that they are never held in memory or in a state.

    POST /uploads/imports/demo?filename=site.xml      the file as the request's body; 202, and the import waits its turn
    GET  /downloads/demo/posts.zip                    every post as Markdown, made while it is sent
    GET  /downloads/demo/exports/<id>.zip             the same, as a job has made it

Who asks is told by the session cookie, as on the pages, where posts of other sites are refused by their `Origin`; or by
an API key or access token.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import JSONResponse, Response, StreamingResponse

from myapp import blog
from myapp.kit import routes
from myapp.kit.errors import AppError, RateLimited
from myapp.web.api.long import begun, read_by, sent_by
from myapp.web.api.requests import limited, scope_of_request
from myapp.web.api.stored_files import Range, sent
from myapp.web.ids import as_id


def files_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    router.post(routes.UPLOAD_IMPORT, include_in_schema=False)(receive_import)
    router.get(routes.DOWNLOAD_POSTS, include_in_schema=False)(send_posts)
    router.get(routes.DOWNLOAD_EXPORT, include_in_schema=False)(send_export)
    return router


async def receive_import(
    request: Request, org_slug: str, filename: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Keep the file and let an import of it wait its turn; the page sees it by itself."""
    try:
        scope = await scope_of_request(request, org_slug)
        upload = await blog.save_upload(scope, filename, sent_by(request, scope, org_slug))
        started = await blog.start_import(scope, upload.path, kind=upload.kind, filename=filename)
    except AppError as error:
        return _refused(error)
    return JSONResponse({"data": {"id": str(started.id)}}, status.HTTP_202_ACCEPTED)


async def send_posts(request: Request, org_slug: str) -> Response:
    """The zip while it is made."""
    try:
        scope = await scope_of_request(request, org_slug)
        pieces = await begun(blog.export_markdown(scope))
    except AppError as error:
        return _refused(error)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(org_slug)}-posts.zip"}
    return StreamingResponse(read_by(request, scope, org_slug, pieces), media_type="application/zip", headers=headers)


async def send_export(request: Request, org_slug: str, export_id: str, range: Range = "") -> Response:  # noqa: A002
    """What was made, as long as it is kept. A browser keeps no copy: whoever sits at it next may be somebody else."""
    try:
        found = await blog.get_export_file(await scope_of_request(request, org_slug), as_id(export_id))
    except AppError as error:
        return _refused(error)
    name = quote(f"{org_slug}-posts-{found.inserted_at:%Y-%m-%d}.zip")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
    return sent(found.stored, headers, range)


def _refused(error: AppError) -> Response:
    if isinstance(error, RateLimited):
        return limited(error)
    return JSONResponse({"errors": {"detail": str(error)}}, error.status)
