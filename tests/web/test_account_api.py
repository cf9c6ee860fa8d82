"""What mails lead to, and what nobody learns from the answers."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from myapp import accounts
from myapp.kit.errors import RateLimited
from myapp.kit.i18n import get_locale
from myapp.kit.mailer import MailRow
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.web.api import account
from tests.web.our_page import FORM_COOKIES
from tests.web.posted import ADA, AS_SCRIPT, POSTS, TWICE, ada, client, post, settings

__all__ = ["ada", "client"]


async def mailed(kind: str) -> list[str]:
    """What the mails of this kind say, the newest first."""
    async with transaction(Scope.system("a test")) as database:
        last = select(MailRow).where(MailRow.kind == kind).order_by(col(MailRow.id).desc())
        return [mail.text for mail in (await database.exec(last)).all()]


async def mailed_link(kind: str) -> str:
    found = re.search(r"/([\w-]{43})\b", (await mailed(kind))[0])
    assert found is not None
    return found[1]


async def register(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    given = {**TWICE, "name": "Eve Real", "username": "eve", "email": "eve@example.com", **fields}
    return await post(client, "/session/register", **given)


async def test_a_link_by_mail_logs_in_once(client: httpx.AsyncClient, ada: UUID):
    answers = [await post(client, "/session/link", email=email) for email in ("ada@demo.example", "x@y.example")]
    assert {(each.status_code, each.text) for each in answers} == {(200, '{"data":{"to":"/log-in?sent=1"}}')}
    link = await mailed_link("accounts.log_in")
    answer = await post(client, "/session/link/use", link=link)
    assert (await accounts.scope_for_session(answer.cookies["session"])).user_id == ada
    client.cookies = httpx.Cookies(FORM_COOKIES)
    answer = await post(client, "/session/link/use", link=link)
    assert (answer.status_code, "set-cookie" in answer.headers) == (410, False)


async def test_one_registers_and_confirms_and_an_address_that_is_taken_gets_the_same_answer(
    client: httpx.AsyncClient, ada: UUID, monkeypatch: pytest.MonkeyPatch
):
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(account, "sleep", sleep)
    fields = {**TWICE, "name": "Eve Real", "is_operator": "true"}
    new = await post(client, "/session/register", **fields, username="eve", email="eve@example.com")
    taken = await post(client, "/session/register", **fields, username="eve2", email="ADA@demo.example")
    assert (new.status_code, new.text) == (taken.status_code, taken.text) == (200, '{"data":{"to":"/register?sent=1"}}')
    assert len(slept) == 2, "both are answered at the same time"
    wrong = await post(client, "/session/register", **fields, username="EVE", email="other@example.com")
    assert wrong.json()["errors"]["fields"] == {"username": "has already been taken"}
    confirmed = await post(client, "/session/confirm", link=await mailed_link("accounts.confirm"))
    assert confirmed.json() == {"data": {"to": "/log-in?confirmed=1"}}


@pytest.mark.parametrize("took", [0.05, 0.39, 0.55, 3.21])
async def test_whoever_registers_waits_for_the_next_of_the_same_moments(
    client: httpx.AsyncClient, db: object, monkeypatch: pytest.MonkeyPatch, took: float
):
    """Where many wait for a hash, what comes after it would tell which address is taken."""
    slept: list[float] = []
    clock = iter([100.0, 100.0 + took])

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(account, "sleep", sleep)
    monkeypatch.setattr(account, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    await post(client, "/session/register", **TWICE, name="Eve Real", username="eve", email="eve@example.com")
    waited = (took + slept[0]) / account.EVEN
    assert waited == pytest.approx(round(waited))
    assert 0 < slept[0] <= account.EVEN


async def test_a_forgotten_password_is_replaced(client: httpx.AsyncClient, ada: UUID):
    answers = [await post(client, "/session/reset", email=email) for email in ("ada@demo.example", "x@y.example")]
    assert {(each.status_code, each.text) for each in answers} == {(200, '{"data":{"to":"/reset?sent=1"}}')}
    link = await mailed_link("accounts.reset")
    short = await post(client, "/session/reset/use", link=link, password="Short 1", password_confirmation="Short 1")
    assert short.json()["errors"]["fields"] == {"password": "should be at least 8 character(s)"}
    new = {"password": "Another horse 2", "password_confirmation": "Another horse 2"}
    assert (await post(client, "/session/reset/use", link=link, **new)).json() == {"data": {"to": "/log-in?changed=1"}}
    assert (await post(client, "/session/reset/use", link=link, **new)).status_code == 410
    assert (await post(client, "/session", **ADA)).status_code == 401
    assert (await post(client, "/session", email="ada@demo.example", password="Another horse 2")).status_code == 200


@pytest.mark.parametrize("path", ["/session/link", "/session/reset", "/session/confirm/again"])
@pytest.mark.parametrize("email", ["", "ada", "a b@example.com"])
async def test_what_is_no_address_is_a_complaint(client: httpx.AsyncClient, ada: UUID, path: str, email: str):
    assert (await post(client, path, email=email)).json()["errors"]["fields"].keys() == {"email"}


async def test_opening_a_link_uses_nothing_up(client: httpx.AsyncClient, ada: UUID):
    for path in POSTS:
        assert (await client.get(path)).status_code == 405


@pytest.mark.parametrize(("content", "status"), [(b"a=" + b"x" * 20_000, 413), (b"&a=b" * 40, 400), (b"\xff=a", 400)])
async def test_a_form_that_is_none_of_ours_is_refused(client: httpx.AsyncClient, content: bytes, status: int):
    assert (await client.post("/session", content=content, headers=AS_SCRIPT)).status_code == status


async def test_what_is_said_and_mailed_is_in_the_readers_language(client: httpx.AsyncClient, ada: UUID):
    seen: list[str] = []

    async def note(_scope: Scope, _email: str, *, ip: str | None, back: str) -> None:
        seen.append(get_locale())
        raise RateLimited(60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "request_log_in_link", note)
        headers = {**AS_SCRIPT, "accept-language": "en-AU"}
        await client.post("/session/link", data={"email": "ada@demo.example"}, headers=headers)
    assert seen == ["en-AU"]


async def test_an_address_that_a_proxy_says_counts_where_the_proxy_is_trusted(ada: UUID):
    """uvicorn's own middleware is what stands there; this holds our setting to what it understands."""
    seen: list[object] = []

    async def app(scope: Any, _receive: object, _send: object) -> None:
        seen.append(scope["client"][0])

    for trusted, address in (("127.0.0.1", "198.51.100.7"), ("10.0.0.0/8", "127.0.0.1")):
        chosen = settings(TRUSTED_PROXIES=trusted).trusted_proxies
        headers = [(b"x-forwarded-for", b"198.51.100.7")]
        scope: Any = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers, "scheme": "http"}
        await ProxyHeadersMiddleware(app, chosen)(scope, None, None)  # pyright: ignore[reportArgumentType]
        assert seen.pop() == address
