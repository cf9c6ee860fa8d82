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
from myapp.kit import channels, routes
from myapp.web.one_origin import is_same_origin
from myapp.web.session import COOKIE, LIFETIME, TOKEN_LIFETIME, back_to, cookie


def require_same_origin(request: Request) -> None:
    """Refuse a post that another site made a browser send, and one that does not say where it comes from."""
    if not is_same_origin(request.headers.get("origin", ""), request.scope):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This form belongs to another site.")


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
    if user_id not in {person.id for person in await accounts.list_demo_users()}:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such person.")
    _end_session(request)
    answer = RedirectResponse(back_to(back), status.HTTP_303_SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        cookie().write(user_id),
        max_age=LIFETIME,
        httponly=True,
        samesite="lax",
        secure=cookie().is_secure,
    )
    return answer


async def leave(request: Request, back: Annotated[str, Form()] = "/") -> RedirectResponse:
    """Be a visitor again."""
    _end_session(request)
    answer = RedirectResponse(back_to(back), status.HTTP_303_SEE_OTHER)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=cookie().is_secure)
    return answer


async def token(request: Request) -> dict[str, str | int]:
    """A token with which a program of the person's may connect to the channels: `{token, expires_in}`, in seconds."""
    session = cookie().of(request.headers.get("cookie", ""))
    if session is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Nobody is logged in.")
    return {"token": cookie().write_token(session), "expires_in": TOKEN_LIFETIME}


def _end_session(request: Request) -> None:
    """Close the sockets of the session that a request came with."""
    ended = cookie().of(request.headers.get("cookie", ""))
    if ended is not None:
        channels.disconnect(ended.id)
