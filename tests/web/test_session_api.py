"""Logging in and out: only from our own pages, back to our own pages, and a new session each time."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts
from myapp.accounts.tokens import new_token
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.pubsub import PubSub
from myapp.kit.scope import Scope
from myapp.web import session
from tests.web.our_page import FORM_TOKEN
from tests.web.posted import ADA, AS_SCRIPT, ORIGIN, POSTS, ada, become, client, client_of, post, settings

__all__ = ["ada", "client"]


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
@pytest.mark.parametrize("path", POSTS)
async def test_a_form_of_another_site_is_refused(client: httpx.AsyncClient, ada: UUID, path: str, origin: str):
    headers = {"origin": origin} if origin else {}
    answer = await client.post(path, data={"user_id": str(ada), **ADA}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("held", ["", "short", FORM_TOKEN])
@pytest.mark.parametrize("sent", ["", "short", "f" * 32, "é" * 32])
@pytest.mark.parametrize("path", POSTS)
async def test_a_form_that_does_not_repeat_the_cookie_is_refused(
    client: httpx.AsyncClient, ada: UUID, path: str, held: str, sent: str
):
    client.cookies = httpx.Cookies({"csrf": held} if held else {})
    del client.headers["x-csrf-token"]
    answer = await client.post(path, data={"user_id": str(ada), "csrf_token": sent, **ADA}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_secure_site_takes_the_cookie_that_no_neighbour_can_set(ada: UUID):
    async with client_of(settings(PUBLIC_URL="https://example.org")) as client:
        assert (await become(client, ada)).status_code == 303
        client.cookies = httpx.Cookies({"csrf": FORM_TOKEN})
        assert (await become(client, ada)).status_code == 403


async def test_the_token_goes_along_as_a_field(client: httpx.AsyncClient, ada: UUID):
    del client.headers["x-csrf-token"]
    fields = {"user_id": str(ada), "csrf_token": FORM_TOKEN}
    assert (await client.post("/session/demo", data=fields, headers={"origin": ORIGIN})).status_code == 303


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


@pytest.mark.parametrize("path", ["/session", "/session/demo", "/session/delete"])
async def test_the_sockets_of_the_session_that_ends_are_closed_and_no_others(
    client: httpx.AsyncClient, ada: UUID, hub: PubSub, path: str
):
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    await become(client, ada)
    assert closed == []
    ended = await accounts.scope_for_session(client.cookies["session"])
    await client.post(path, data={"user_id": str(ada), **ADA}, headers={"origin": ORIGIN})
    assert closed == [Disconnect(f"session:{ended.session_id}")]


async def test_in_production_nobody_becomes_somebody_by_asking(ada: UUID):
    chosen = settings(
        MYAPP_ENV="production",
        SECRET_KEY="a" * 40,
        DATABASE_URL="postgresql://localhost/myapp",
        SMTP_URL="smtp://mail",
        PUBLIC_URL="http://localhost",
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


async def test_one_logs_in_and_goes_back(client: httpx.AsyncClient, ada: UUID):
    answer = await client.post("/session", data={**ADA, "back": "/o/demo/write"}, headers={"origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/o/demo/write")
    assert (await accounts.scope_for_session(answer.cookies["session"])).user_id == ada
    assert "max-age" not in answer.headers["set-cookie"].lower(), "until the browser is closed"


async def test_a_script_is_told_where_to_go(client: httpx.AsyncClient, ada: UUID):
    answer = await post(client, "/session", **ADA, is_remembered="on", back="/o/demo")
    assert answer.json() == {"data": {"to": "/o/demo"}}
    assert f"max-age={60 * 24 * 3600}" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/o/demo", "/\\evil.example", "javascript:x"])
async def test_the_log_in_leads_to_no_other_site(client: httpx.AsyncClient, ada: UUID, back: str):
    assert (await post(client, "/session", **ADA, back=back)).json() == {"data": {"to": "/"}}
    wrong = {**ADA, "password": "wrong", "back": back}
    answer = await client.post("/session", data=wrong, headers={"origin": ORIGIN})
    assert answer.headers["location"] == "/log-in?failed=1"


async def test_a_wrong_password_sets_no_cookie_and_says_when_to_stop_trying(client: httpx.AsyncClient, ada: UUID):
    for _ in range(5):
        answer = await post(client, "/session", email="ada@demo.example", password="wrong")
        assert answer.status_code == 401
        assert answer.json() == {"errors": {"detail": "The address or the password is wrong.", "fields": {}}}
        assert "set-cookie" not in answer.headers
    answer = await post(client, "/session", **ADA)
    assert answer.status_code == 429
    assert answer.json()["errors"]["detail"] == "Too many tries. Try again in 5 minutes."
    assert 290 <= int(answer.headers["retry-after"]) <= 300


async def test_right_log_ins_are_counted_too_for_the_address_and_for_the_network(client: httpx.AsyncClient, ada: UUID):
    assert [(await post(client, "/session", **ADA)).status_code for _ in range(6)] == [200] * 5 + [429]


async def test_a_session_that_somebody_else_has_planted_is_not_the_one_that_begins(
    client: httpx.AsyncClient, ada: UUID
):
    planted = new_token()
    answer = await client.post(
        "/session", data=ADA, headers={**AS_SCRIPT, "cookie": f"session={planted}; csrf={FORM_TOKEN}"}
    )
    assert answer.cookies["session"] != planted
    assert (await accounts.scope_for_session(planted)).user_id is None


async def test_who_logs_in_leaves_the_session_that_the_browser_had(client: httpx.AsyncClient, ada: UUID):
    first = (await post(client, "/session", **ADA)).cookies["session"]
    second = (await post(client, "/session", **ADA)).cookies["session"]
    assert first != second
    assert (await accounts.scope_for_session(first)).user_id is None
    assert (await accounts.scope_for_session(second)).user_id == ada
