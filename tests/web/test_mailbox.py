"""A developer reads the mails that leave by no server; nobody does in production."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.config import Settings
from myapp.kit import mailer
from myapp.kit.mailer import Mail
from myapp.kit.repo import transaction
from myapp.web.api.mailbox import mailbox_router
from tests.factories import SYSTEM
from tests.factories.mails import mails_to, make_mail

PRODUCTION = {
    "MYAPP_ENV": "production", "SECRET_KEY": "x" * 40, "DATABASE_URL": "postgresql:///x", "SMTP_URL": "smtp://mail.example",
    "PUBLIC_URL": "https://house.example",
}  # fmt: skip


@pytest.fixture
async def client(db: AsyncConnection) -> AsyncGenerator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(mailbox_router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost:3000") as client:
        yield client


async def shown(client: httpx.AsyncClient, mail: Mail) -> str:
    """The page of a mail that was just promised."""
    async with transaction(SYSTEM):
        await mailer.enqueue(mail)
    [row] = await mails_to(mail.to)
    answer = await client.get(f"/dev/mailbox/{row.id}")
    assert answer.status_code == 200
    return answer.text


async def test_an_empty_mailbox_says_what_fills_it(client: httpx.AsyncClient) -> None:
    assert "No mail yet" in (await client.get("/dev/mailbox")).text


async def test_the_newest_mail_comes_first_and_leads_to_its_page(client: httpx.AsyncClient) -> None:
    async with transaction(SYSTEM):
        for subject in ("Older", "Newer"):
            await mailer.enqueue(make_mail("ada@example.com", subject))
    page = (await client.get("/dev/mailbox")).text
    assert page.index("Newer") < page.index("Older")
    for row in await mails_to("ada@example.com"):
        assert f'href="/dev/mailbox/{row.id}"' in page


async def test_links_can_be_followed_from_both_kinds_of_words(client: httpx.AsyncClient) -> None:
    page = await shown(client, make_mail())
    assert '<a href="https://example.org/log-in/sesame" target="_blank"' in page
    assert "href=&quot;https://example.org/log-in/sesame&quot;" in page
    assert "&lt;base target=&quot;_blank&quot;&gt;" in page


async def test_what_is_in_a_mail_never_becomes_part_of_the_page(client: httpx.AsyncClient) -> None:
    evil = '</iframe></pre><script>alert(1)</script>" onload="alert(1)'
    page = await shown(client, Mail("ada@example.com", evil, f"{evil} https://a.example/{evil}", evil, evil, "en"))
    assert "<script>" not in page
    assert page.count("</iframe>") == page.count("</pre>") == 1
    assert '" onload' not in page
    sandbox = page.partition('sandbox="')[2].partition('"')[0]
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox


@pytest.mark.parametrize("mail_id", ["nothing", "0193e0c5-7a44-7d3c-9f3b-0a1b2c3d4e5f", "%00"])
async def test_a_mail_that_is_not_there_is_not_found(client: httpx.AsyncClient, mail_id: str) -> None:
    assert (await client.get(f"/dev/mailbox/{mail_id}")).status_code == 404


@pytest.mark.parametrize(
    ("variables", "keeps"),
    [({}, True), ({"SMTP_URL": "smtp://mail.example"}, False), (PRODUCTION, False)],
    ids=["a developer's machine", "with a mail server", "production"],
)
def test_mails_are_kept_for_reading_on_a_developers_machine_only(variables: dict[str, str], keeps: bool) -> None:
    assert Settings.model_validate(variables).keeps_mail == keeps
