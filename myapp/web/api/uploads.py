"""Files for posts and pictures of people: the body of a request each, and what is wrong is said as at a field.

    POST /uploads/files/demo/cover?filename=sea.jpg          201 {"data": {"id", "url", "filename", "size", …}}
    POST /uploads/avatar?left=0.2&top=0&side=0.5             201 {"data": {"url"}}
    429 {"errors": {"file": ["Too many tries. Try again in 5 minutes."]}}    Retry-After: 290
    413 {"errors": {"file": ["too large"]}}    422 {"errors": {"file": ["You have selected an unacceptable file type"]}}

Who asks is told by the session cookie, where posts of other sites are refused by their `Origin`, or by a bearer. What
is announced as too large is refused before it is read, and what is longer than announced while it is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from myapp import accounts, blog
from myapp.blog import FileKind
from myapp.kit import routes
from myapp.kit.errors import AppError, RateLimited
from myapp.kit.images import MAX_PIXELS, Crop
from myapp.kit.uploads import FileRefused, TooLarge
from myapp.web.api.long import sent_by
from myapp.web.api.requests import limited, scope_of_request
from myapp.web.blog.files import file_item

type Part = Annotated[float, Query(ge=0, le=MAX_PIXELS, allow_inf_nan=False)]


def uploads_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    router.post(routes.UPLOAD_FILE, include_in_schema=False)(receive_file)
    router.post(routes.UPLOAD_AVATAR, include_in_schema=False)(receive_avatar)
    return router


async def receive_file(
    request: Request, org_slug: str, kind: FileKind, filename: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Keep a file for a post that is being written."""
    try:
        scope = await scope_of_request(request, org_slug)
        _refuse_early(request, blog.MAX_FILE)
        card = await blog.upload_file(scope, kind, filename, sent_by(request, scope, org_slug))
    except (AppError, ClientDisconnect) as error:
        return refused(error)
    return created(file_item(card, scope.org_id))


async def receive_avatar(request: Request, left: Part = 0.0, top: Part = 0.0, side: Part = 1.0) -> Response:
    """Show the person by this square of a picture; where it is stands in parts of the picture's shorter side."""
    try:
        scope = await scope_of_request(request)
        _refuse_early(request, accounts.MAX_AVATAR)
        key = await accounts.update_avatar(scope, sent_by(request, scope), Crop(left, top, side))
    except (AppError, ClientDisconnect) as error:
        return refused(error)
    return created({"url": routes.avatar(key)})


def _refuse_early(request: Request, limit: int) -> None:
    """Raise TooLarge for what is announced as such."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge


def created(data: object) -> Response:
    """It is there."""
    return JSONResponse({"data": data}, status.HTTP_201_CREATED)


def refused(error: AppError | ClientDisconnect) -> Response:
    """Why it is not. Who has gone is told nothing."""
    if isinstance(error, ClientDisconnect):
        return Response(status_code=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, RateLimited):
        return limited(error)
    errors = error.errors if isinstance(error, FileRefused) else {"detail": str(error)}
    return JSONResponse({"errors": errors}, error.status)
