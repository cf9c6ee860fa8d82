"""Becoming somebody and nobody: only from our own pages, only people of the demonstration, only outside production."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts
from myapp.config import Settings
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.pubsub import PubSub
from myapp.kit.scope import Role, Scope
from myapp.web import session
from myapp.web.api.session import session_router
from myapp.web.session import SessionCookie

ORIGIN = "http://localhost:3000"


def settings(**variables: str) -> Settings:
    return Settings.model_validate(variables)


@pytest.fixture
async def ada(db: AsyncConnection) -> UUID:
    scope = Scope.system("a test needs people")
    user = await accounts.create_user(scope, {"email": "ada@demo.example", "username": "ada", "name": "Ada Lovelace"})
    place = await accounts.create_organization(scope, {"name": "Demo", "slug": "demo"})
    await accounts.create_membership(scope, place.id, user.id, Role.OWNER)
    return user.id


def client_of(chosen: Settings) -> httpx.AsyncClient:
    session.use(SessionCookie(chosen))
    app = FastAPI()
    app.include_router(session_router(chosen))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(settings()) as client:
        yield client


async def become(client: httpx.AsyncClient, user_id: UUID, *, origin: str = ORIGIN, back: str = "/") -> httpx.Response:
    headers = {"origin": origin} if origin else {}
    return await client.post("/session", data={"user_id": str(user_id), "back": back}, headers=headers)


async def test_one_becomes_a_person_of_the_demonstration_and_goes_back(client: httpx.AsyncClient, ada: UUID):
    answer = await become(client, ada, back="/o/demo/write")
    assert (answer.status_code, answer.headers["location"]) == (303, "/o/demo/write")
    found = await accounts.scope_for_session(answer.cookies["session"])
    assert found.user_id == ada


async def test_the_cookie_is_secure_on_a_secure_site(ada: UUID):
    async with client_of(settings(PUBLIC_URL="https://example.org")) as client:
        assert "secure" in (await become(client, ada)).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://localhost:3001", "https://localhost:3000"]
)
@pytest.mark.parametrize("path", ["/session", "/session/delete"])
async def test_a_form_of_another_site_is_refused(client: httpx.AsyncClient, ada: UUID, path: str, origin: str):
    headers = {"origin": origin} if origin else {}
    answer = await client.post(path, data={"user_id": str(ada)}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_one_becomes_nobody_else(client: httpx.AsyncClient, db: AsyncConnection):
    scope = Scope.system("a test needs people")
    real = await accounts.create_user(scope, {"email": "eve@real.example", "username": "eve", "name": "Eve Real"})
    for user_id in (real.id, uuid4()):
        answer = await become(client, user_id)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/o/demo", "/\\evil.example"])
async def test_one_does_not_go_back_to_another_site(client: httpx.AsyncClient, ada: UUID, back: str):
    assert (await become(client, ada, back=back)).headers["location"] == "/"


async def test_leaving_clears_the_cookie(client: httpx.AsyncClient):
    answer = await client.post("/session/delete", headers={"origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'session=""' in answer.headers["set-cookie"]
    assert "max-age=0" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["/session", "/session/delete"])
async def test_the_sockets_of_the_session_that_ends_are_closed_and_no_others(
    client: httpx.AsyncClient, ada: UUID, hub: PubSub, path: str
):
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    await become(client, ada)
    assert closed == []
    ended = await accounts.scope_for_session(client.cookies["session"])
    await client.post(path, data={"user_id": str(ada)}, headers={"origin": ORIGIN})
    assert closed == [Disconnect(f"session:{ended.session_id}")]


async def test_in_production_nobody_becomes_somebody_by_asking(ada: UUID):
    chosen = settings(
        MYAPP_ENV="production", SECRET_KEY="a" * 40, DATABASE_URL="postgresql://localhost/myapp", SMTP_URL="smtp://mail"
    )
    async with client_of(chosen) as client:
        answer = await become(client, ada)
    assert answer.status_code == 404


async def test_a_token_is_given_to_whoever_is_logged_in(client: httpx.AsyncClient, ada: UUID):
    asked = {"url": "/session/token", "headers": {"origin": ORIGIN}}
    assert (await client.post(**asked)).status_code == 401
    client.cookies["session"] = (await become(client, ada)).cookies["session"]

    answer = await client.post(**asked)

    assert answer.json()["expires_in"] == 3600
    found = await accounts.scope_for_session(session.cookie().read_token(answer.json()["token"]))
    assert found.user_id == ada
    assert (await client.post("/session/token", headers={"origin": "https://evil.example"})).status_code == 403
