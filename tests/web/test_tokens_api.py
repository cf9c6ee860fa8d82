"""Programs that log in, renew and log out over HTTP, and what they may do with what they are given."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from functools import cache

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts
from myapp.accounts import Organization
from myapp.accounts.passwords import hash_password
from myapp.accounts.schemas import User
from myapp.config import Settings
from myapp.kit import repo
from myapp.kit.changeset import change
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.web import session
from myapp.web.api import access_tokens
from myapp.web.api.access_tokens import AccessTokens
from myapp.web.api.errors import answer_errors
from myapp.web.api.own_data import own_data_router
from myapp.web.api.requests import scope_of_request
from myapp.web.api.tokens import tokens_router
from myapp.web.session import SessionCookie
from tests.factories.accounts import make_session
from tests.web.our_page import FORM_COOKIES, FROM_OUR_PAGE, ORIGIN

PASSWORD = "Low-water-at-4"
SYSTEM = Scope.system("a test")


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    settings = Settings.model_validate({})
    session.use(SessionCookie(settings))
    access_tokens.use(AccessTokens(settings))
    yield
    session.use(None)
    access_tokens.use(None)


@cache
def endpoints() -> FastAPI:
    app = FastAPI()
    app.include_router(tokens_router())
    app.include_router(own_data_router())
    answer_errors(app)

    @app.api_route("/who/{org_slug}", methods=["GET", "POST"])
    async def who(request: Request, org_slug: str) -> dict[str, str | bool]:  # pyright: ignore[reportUnusedFunction]
        scope = await scope_of_request(request, org_slug)
        return {"user_id": str(scope.user_id), "may_write": scope.may_write}

    return app


@pytest.fixture
async def client(db: AsyncConnection) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=endpoints())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


@pytest.fixture
async def email(ada: Scope) -> str:
    assert ada.user_id is not None
    user: User = await accounts.get_user(SYSTEM, ada.user_id)
    async with transaction(SYSTEM):
        await repo.update(change(user, hashed_password=await hash_password(PASSWORD)))
    return user.email


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/tokens", json={"email": email, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_program_logs_in_acts_renews_and_logs_out(
    client: httpx.AsyncClient, email: str, ada: Scope, organization: Organization
) -> None:
    answer = await log_in(client, email)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    first = answer.json()["data"]
    assert (first["token_type"], first["expires_in"], first["refresh_expires_in"]) == ("Bearer", 900, 2_592_000)
    here = f"/who/{organization.slug}"
    known = {"user_id": str(ada.user_id), "may_write": True}
    assert (await client.post(here, headers=bearer(first["access_token"]))).json() == known

    answer = await client.post("/api/v1/tokens/refresh", json={"refresh_token": first["refresh_token"]})
    second = answer.json()["data"]
    assert answer.status_code == 200
    assert second["refresh_token"] != first["refresh_token"]

    gone = await client.request("DELETE", "/api/v1/tokens", headers=bearer(second["access_token"]))
    assert gone.status_code == 204
    for token in (first, second):
        assert (await client.get(here, headers=bearer(token["access_token"]))).status_code == 401


async def test_a_spent_refresh_token_ends_the_log_in(
    client: httpx.AsyncClient, email: str, organization: Organization
) -> None:
    first = (await log_in(client, email)).json()["data"]
    renew = {"url": "/api/v1/tokens/refresh", "json": {"refresh_token": first["refresh_token"]}}
    second = (await client.post(**renew)).json()["data"]
    assert (await client.post(**renew)).status_code == 401
    there = f"/who/{organization.slug}"
    assert (await client.get(there, headers=bearer(second["access_token"]))).status_code == 401


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: httpx.AsyncClient, email: str
) -> None:
    wrong, unknown = await log_in(client, email, "Wrong-password-1"), await log_in(client, "nobody@example.com")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert set(wrong.json()) == {"errors"}


async def test_five_failures_are_enough_and_it_says_when_to_try_again(client: httpx.AsyncClient, email: str) -> None:
    for _ in range(5):
        assert (await log_in(client, email, "Wrong-password-1")).status_code == 401
    limited = await log_in(client, email)
    assert limited.status_code == 429
    assert 0 < int(limited.headers["retry-after"]) <= 300


@pytest.mark.parametrize("body", [{}, {"email": 7, "password": []}, {"email": "x" * 161, "password": "x"}])
async def test_what_is_no_log_in_is_said_at_the_field(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await client.post("/api/v1/tokens", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]["email"] == ["is invalid"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer myapp_x", f"Bearer myapp_{'x' * 8}_{'y' * 40}"],
)
async def test_who_shows_nothing_of_worth_is_refused_even_beside_a_cookie(
    client: httpx.AsyncClient, ada: Scope, organization: Organization, header: str
) -> None:
    client.cookies["session"] = await make_session(ada.user_id)
    there = f"/who/{organization.slug}"
    assert (await client.get(there)).json()["user_id"] == str(ada.user_id)
    answer = await client.get(there, headers={"authorization": header})
    assert answer.status_code == 401
    assert set(answer.json()["errors"]) == {"detail"}


async def test_a_cookie_needs_our_origin_to_change_something_and_a_bearer_does_not(
    client: httpx.AsyncClient, ada: Scope, organization: Organization
) -> None:
    token = await make_session(ada.user_id)
    scope = await accounts.scope_for_session(token)
    made = await accounts.create_api_key(scope, {"name": "A program", "scopes": ["read"]})
    there = f"/who/{organization.slug}"
    assert (await client.post(there, headers={**bearer(made.key), "origin": "https://evil.example"})).json() == {
        "user_id": str(ada.user_id), "may_write": False,
    }  # fmt: skip
    client.cookies.update({"session": token, **FORM_COOKIES})
    assert (await client.get(there)).status_code == 200
    assert (await client.post(there, headers=FROM_OUR_PAGE)).status_code == 200
    for others in ({"origin": ""}, {"origin": "https://evil.example"}, {"origin": "null"}, {"x-csrf-token": "0" * 32}):
        headers = {**FROM_OUR_PAGE, **others}
        assert (await client.post(there, headers=headers)).status_code == 403


async def test_what_is_refused_before_it_is_understood_is_said_in_the_same_shape(client: httpx.AsyncClient) -> None:
    foreign = await client.post("/who/house", headers={"origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()) == (403, {"errors": {"detail": "This form belongs to another site."}})
    broken = await client.post("/api/v1/tokens", content="{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()) == (422, {"errors": {"body": ["is invalid"]}})


async def test_ones_own_data_is_for_who_is_logged_in_and_no_key(client: httpx.AsyncClient, ada: Scope) -> None:
    there = "/downloads/my-data.zip"
    assert (await client.get(there)).status_code == 401
    token = await make_session(ada.user_id)
    scope = await accounts.scope_for_session(token)
    made = await accounts.create_api_key(scope, {"name": "A program", "scopes": ["write", "manage"]})
    assert (await client.get(there, headers=bearer(made.key))).status_code == 403
    client.cookies["session"] = token
    answer = await client.get(there)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.content.startswith(b"PK")
