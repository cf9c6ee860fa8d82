"""What an error of the product is over HTTP: its status, and the one shape that all interfaces share.

    {"errors": {"detail": "Log in to continue."}}           {"errors": {"email": ["can't be blank"]}}

`answer_errors` is given to the application once; an endpoint then lets its context's errors pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from myapp.kit.changeset import messages
from myapp.kit.errors import AppError, Invalid, RateLimited, Unauthenticated, Unavailable
from myapp.kit.i18n import gettext


def refused(error: AppError) -> JSONResponse:
    """The answer to a request that an error came of."""
    errors: Mapping[str, Any] = error.errors if isinstance(error, Invalid) else {"detail": str(error)}
    headers: dict[str, str] = {}
    if isinstance(error, RateLimited | Unavailable):
        headers["retry-after"] = str(max(1, ceil(error.retry_after)))
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return JSONResponse({"errors": errors}, error.status, headers)


def answer_errors(api: FastAPI) -> None:
    """Have every endpoint answer in this shape."""

    async def expected(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AppError)  # noqa: S101 - it is called for no other
        return refused(error)

    async def malformed(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        names = [_name_of(each["loc"]) for each in error.errors()]
        return JSONResponse({"errors": {name: [gettext(messages.INVALID)] for name in names}}, 422)

    async def refused_here(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        return JSONResponse({"errors": {"detail": error.detail}}, error.status_code, error.headers)

    async def gone(_request: Request, _error: Exception) -> Response:
        """Nobody reads it: who breaks off what they send, on purpose perhaps, is no error of ours."""
        return Response(status_code=400)

    api.add_exception_handler(ClientDisconnect, gone)
    api.add_exception_handler(HTTPException, refused_here)
    api.add_exception_handler(AppError, expected)
    api.add_exception_handler(RequestValidationError, malformed)


def _name_of(place: Sequence[str | int]) -> str:
    """Of the field that is wrong; numbers are places in a list, or where a body stopped to be JSON.

    >>> _name_of(("body", "email")), _name_of(("body", 17)), _name_of(())
    ('email', 'body', 'detail')
    """
    return next((part for part in reversed(place) if isinstance(part, str)), "detail")
