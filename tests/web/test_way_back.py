"""Where one wanted to go is where one gets to, over registering, mails and their links; and never to another site."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from tests.web.posted import ADA, ORIGIN, POSTS, TWICE, ada, client, post
from tests.web.test_account_api import mailed, mailed_link, register

__all__ = ["ada", "client"]

WANTED = "/o/demo/posts?q=a&tag=b"
QUOTED = "%2Fo%2Fdemo%2Fposts%3Fq%3Da%26tag%3Db"
ELSEWHERE = [
    "//evil.example",
    "https://evil.example/o/demo",
    "/\\evil.example",
    "javascript:x",
    "/x\n/y",
    "/" + "x" * 2000,
]


async def test_a_link_by_mail_leads_to_what_was_wanted(client: httpx.AsyncClient, ada: UUID):
    sent = await post(client, "/session/link", email="ada@demo.example", back=WANTED)
    assert sent.json() == {"data": {"to": f"/log-in?sent=1&back={QUOTED}"}}
    link = await mailed_link("accounts.log_in")
    assert f"/log-in/{link}?back={QUOTED}" in (await mailed("accounts.log_in"))[0]
    used = await post(client, "/session/link/use", link=link, back=WANTED)
    assert used.json() == {"data": {"to": WANTED}}


async def test_who_registers_and_confirms_is_led_on_by_way_of_the_log_in(client: httpx.AsyncClient, ada: UUID):
    assert (await register(client, back=WANTED)).json() == {"data": {"to": f"/register?sent=1&back={QUOTED}"}}
    link = await mailed_link("accounts.confirm")
    assert f"/confirm/{link}?back={QUOTED}" in (await mailed("accounts.confirm"))[0]
    confirmed = await post(client, "/session/confirm", link=link, back=WANTED)
    assert confirmed.json() == {"data": {"to": f"/log-in?confirmed=1&back={QUOTED}"}}
    await register(client, username="eve2", back=WANTED)
    assert f"/log-in?back={QUOTED}" in (await mailed("accounts.already_registered"))[0]


async def test_who_is_logged_in_and_confirms_gets_there_at_once(client: httpx.AsyncClient, ada: UUID):
    await register(client)
    entered = await post(client, "/session", email="eve@example.com", password=TWICE["password"])
    client.cookies["session"] = entered.cookies["session"]
    confirmed = await post(client, "/session/confirm", link=await mailed_link("accounts.confirm"), back=WANTED)
    assert confirmed.json() == {"data": {"to": WANTED}}


async def test_so_is_who_has_forgotten_the_password(client: httpx.AsyncClient, ada: UUID):
    await post(client, "/session/reset", email="ada@demo.example", back=WANTED)
    link = await mailed_link("accounts.reset")
    assert f"/reset/{link}?back={QUOTED}" in (await mailed("accounts.reset"))[0]
    changed = await post(client, "/session/reset/use", link=link, **TWICE, back=WANTED)
    assert changed.json() == {"data": {"to": f"/log-in?changed=1&back={QUOTED}"}}


@pytest.mark.parametrize("back", ELSEWHERE)
async def test_no_form_and_no_mail_leads_to_another_site(client: httpx.AsyncClient, ada: UUID, back: str):
    """Whatever it answers, as JSON and as a redirect, and whatever it mails."""
    links = dict.fromkeys(POSTS, "x")
    await post(client, "/session/link", email="ada@demo.example", back=back)
    links["/session/link/use"] = await mailed_link("accounts.log_in")
    await post(client, "/session/reset", email="ada@demo.example", back=back)
    links["/session/reset/use"] = await mailed_link("accounts.reset")
    await register(client, back=back)
    links["/session/confirm"] = await mailed_link("accounts.confirm")
    for path in POSTS:
        fields = {**ADA, **TWICE, "username": "eve9", "name": "Eve", "link": links[path], "back": back}
        asked = await post(client, path, **(fields | {"user_id": str(ada)}))
        by_itself = await client.post(path, data={**fields, "user_id": str(ada)}, headers={"origin": ORIGIN})
        for place in (asked.text, asked.headers.get("location", ""), by_itself.headers.get("location", "")):
            assert "evil" not in place, path
            assert "javascript" not in place, path
            assert "xxx" not in place, path
    for kind in ("accounts.log_in", "accounts.reset", "accounts.confirm"):
        for text in await mailed(kind):
            assert "back=" not in text


async def test_the_link_that_confirms_is_sent_again_and_the_answer_tells_nothing(client: httpx.AsyncClient, ada: UUID):
    await register(client)
    first = await mailed_link("accounts.confirm")
    again = [
        await post(client, "/session/confirm/again", email=email, back=WANTED)
        for email in ("EVE@example.com", "ada@demo.example", "nobody@example.com")
    ]
    assert {(each.status_code, each.text) for each in again} == {
        (200, f'{{"data":{{"to":"/confirm?sent=1&back={QUOTED}"}}}}')
    }
    texts = await mailed("accounts.confirm")
    assert len(texts) == 2, "to who has yet to confirm, and to nobody else"
    second = await mailed_link("accounts.confirm")
    assert (await post(client, "/session/confirm", link=first)).status_code == 410
    assert (await post(client, "/session/confirm", link=second)).status_code == 200


async def test_how_often_it_is_sent_is_limited_whoever_has_the_address(client: httpx.AsyncClient, ada: UUID):
    for email in ("nobody@example.com", "ada@demo.example"):
        answers = [await post(client, "/session/confirm/again", email=email) for _ in range(6)]
        assert [each.status_code for each in answers][-1] == 429
    assert answers[0].json()["errors"]["detail"] == "Too many tries. Try again in 5 minutes."
