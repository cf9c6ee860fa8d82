"""Who connects to the channels: by cookie, by token, or as a visitor."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from myapp.config import Settings
from myapp.kit.channels import Handshake, Refused
from myapp.web import session
from myapp.web.channels import connect
from myapp.web.session import Session, SessionCookie

USER = UUID("01890000-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def cookie() -> Iterator[SessionCookie]:
    cookie = SessionCookie(Settings.model_validate({}))
    session.use(cookie)
    yield cookie
    session.use(None)


def handshake(*, cookies: str = "", token: str | None = None) -> Handshake:
    return Handshake({}, cookies, token, "10.0.0.7")


async def test_a_page_is_known_by_its_cookie_and_a_program_by_its_token(cookie: SessionCookie):
    value = cookie.write(USER)
    found = cookie.read(value)
    assert found is not None

    page = await connect(handshake(cookies=f"session={value}"))
    program = await connect(handshake(token=cookie.write_token(found)))

    assert page == program  # the same limits, and both end with the session
    assert page.assigns == {"user_id": USER}


async def test_who_shows_nothing_is_a_visitor():
    identity = await connect(handshake())
    assert identity.assigns == {"user_id": None}
    assert identity.id == ""


@pytest.mark.parametrize("token", ["", "x", "x.y", "\0", "é" * 4000])
async def test_a_token_that_is_worth_nothing_is_refused_even_beside_a_cookie(cookie: SessionCookie, token: str):
    with pytest.raises(Refused):
        await connect(handshake(cookies=f"session={cookie.write(USER)}", token=token))


async def test_a_cookie_is_no_token(cookie: SessionCookie):
    with pytest.raises(Refused):
        await connect(handshake(token=cookie.write(USER)))
    assert cookie.read(cookie.write_token(Session(USER, 0))) is None
