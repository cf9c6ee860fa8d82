"""Become somebody, and be nobody again: two form posts that set and clear the session cookie. And a token in its place.

Before there is a log-in one may act as a person of the demonstration, in development and tests only. All posts are
refused unless they come from our own pages: browsers say so in `Origin`, and SameSite=Lax keeps the cookie away from
what other sites send. What the session before had open, in other windows too, hears nothing more from then on.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request, status
from fastapi.responses import RedirectResponse

from myapp import accounts
from myapp.config import Settings
from myapp.kit import routes
from myapp.kit.errors import NotFound
from myapp.web.api.requests import device_of, require_same_origin, scope_of_request
from myapp.web.session import TOKEN_LIFETIME, back_to, cookie


def session_router(settings: Settings) -> APIRouter:
    """The endpoints; the demonstration's one is left out in production."""
    router = APIRouter(dependencies=[Depends(require_same_origin)])
    if settings.env != "production":
        router.post(routes.SESSION, include_in_schema=False)(become)
    router.post(routes.SESSION_DELETE, include_in_schema=False)(leave)
    router.post(routes.SESSION_TOKEN, include_in_schema=False)(token)
    return router


async def become(
    request: Request, user_id: Annotated[UUID, Form()], back: Annotated[str, Form()] = "/"
) -> RedirectResponse:
    """Act as a person of the demonstration; nobody else."""
    try:
        started = await accounts.log_in_as_demo_user(await scope_of_request(request), user_id, device_of(request))
    except NotFound:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such person.") from None
    answer = RedirectResponse(back_to(back), status.HTTP_303_SEE_OTHER)
    cookie().set(answer, started)
    return answer


async def leave(request: Request, back: Annotated[str, Form()] = "/") -> RedirectResponse:
    """Be a visitor again."""
    await accounts.log_out(await scope_of_request(request))
    answer = RedirectResponse(back_to(back), status.HTTP_303_SEE_OTHER)
    cookie().clear(answer)
    return answer


async def token(request: Request) -> dict[str, str | int]:
    """A token with which a program of the person's may connect to the channels: `{token, expires_in}`, in seconds."""
    scope = await scope_of_request(request)
    if scope.session_id is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Nobody is logged in.")
    return {"token": cookie().write_token(scope.session_id), "expires_in": TOKEN_LIFETIME}
