"""Logging in with a program: an access token for a quarter of an hour, and a refresh token for the next one.

    POST   /api/v1/tokens           {"email", "password"}    201 {"data": {"access_token", "refresh_token", …}}
    POST   /api/v1/tokens/refresh   {"refresh_token"}        200, the same; the token that was shown is spent
    DELETE /api/v1/tokens           Authorization: Bearer    204, and both are worth nothing

No cookie is looked at, so nothing that another site makes a browser send means anything here.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from myapp import accounts
from myapp.accounts import REFRESH_LIFETIME, Tokens
from myapp.kit import routes
from myapp.kit.scope import Scope
from myapp.web.api.access_tokens import LIFETIME, access_tokens
from myapp.web.api.auth import InvalidAccessToken, bearer_in
from myapp.web.api.requests import device_of

_UNKEPT = {"cache-control": "no-store"}


class Credentials(BaseModel):
    """Who it is."""

    email: str = Field(max_length=160)
    password: str = Field(max_length=1000)


class Renewal(BaseModel):
    """The last refresh token."""

    refresh_token: str = Field(max_length=200)


def tokens_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    router.post(routes.TOKENS)(log_in)
    router.post(routes.TOKENS_REFRESH)(refresh)
    router.delete(routes.TOKENS)(log_out)
    return router


async def log_in(request: Request, credentials: Credentials) -> Response:
    """The first tokens. Of an address that nobody has no more is said than of a wrong password."""
    tokens = await accounts.log_in_program(Scope.anonymous(), credentials.model_dump(), device_of(request))
    return _given(tokens, status.HTTP_201_CREATED)


async def refresh(renewal: Renewal) -> Response:
    """The next tokens. A spent one ends the log-in."""
    return _given(await accounts.rotate_refresh_token(renewal.refresh_token), status.HTTP_200_OK)


async def log_out(request: Request) -> Response:
    """End the log-in of this access token, and close its sockets."""
    family_id = access_tokens().read(bearer_in(request.headers.get("authorization", "")))
    if family_id is None:
        raise InvalidAccessToken
    await accounts.delete_program(await accounts.scope_for_program(family_id), family_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _given(tokens: Tokens, code: int) -> Response:
    data = {
        "access_token": access_tokens().write(tokens.user_id, tokens.family_id),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "refresh_token": tokens.refresh_token,
        "refresh_expires_in": int(REFRESH_LIFETIME.total_seconds()),
    }
    return JSONResponse({"data": data}, code, _UNKEPT)
