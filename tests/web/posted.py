"""The endpoints that let people in, and a browser that posts to them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import cache
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts
from myapp.config import Settings
from myapp.kit import routes
from myapp.kit.scope import Role, Scope
from myapp.web import session
from myapp.web.api.account import account_router
from myapp.web.api.session import session_router
from myapp.web.session import SessionCookie
from tests.web.our_page import FORM_COOKIES, ORIGIN, WITH_TOKEN

PASSWORD = "Correct horse 1"
ADA = {"email": "ada@demo.example", "password": PASSWORD}
TWICE = {"password": PASSWORD, "password_confirmation": PASSWORD}
POSTS = [path for name, path in vars(routes).items() if name.startswith(("SESSION", "ACCOUNT"))]
AS_SCRIPT = {"origin": ORIGIN, "accept": "application/json"}


def settings(**variables: str) -> Settings:
    return Settings.model_validate(variables)


@pytest.fixture
async def ada(db: AsyncConnection) -> UUID:
    scope = Scope.system("a test needs people")
    user = await accounts.create_user(scope, {**ADA, **TWICE, "username": "ada", "name": "Ada Lovelace"})
    place = await accounts.create_organization(scope, {"name": "Demo", "slug": "demo"})
    await accounts.create_membership(scope, place.id, user.id, Role.OWNER)
    return user.id


@cache
def _endpoints(chosen: Settings) -> FastAPI:
    app = FastAPI()
    app.include_router(session_router(chosen))
    app.include_router(account_router())
    return app


def client_of(chosen: Settings) -> httpx.AsyncClient:
    session.use(SessionCookie(chosen))
    transport = httpx.ASGITransport(app=_endpoints(chosen))  # pyright: ignore[reportArgumentType] - they are frozen
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=WITH_TOKEN, cookies=FORM_COOKIES)


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(settings()) as client:
        yield client


async def become(client: httpx.AsyncClient, user_id: UUID, *, origin: str = ORIGIN, back: str = "/") -> httpx.Response:
    headers = {"origin": origin} if origin else {}
    return await client.post("/session/demo", data={"user_id": str(user_id), "back": back}, headers=headers)


async def post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=fields, headers=AS_SCRIPT)
