"""Who connects to the channels: by cookie, by token, or as a visitor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from myapp import accounts
from myapp.accounts import Device, Principal
from myapp.config import Settings
from myapp.kit.channels import Handshake, Refused
from myapp.kit.errors import Unauthenticated
from myapp.kit.scope import Grant, Scope
from myapp.web import session
from myapp.web.api import access_tokens
from myapp.web.api.access_tokens import AccessTokens
from myapp.web.channels import connect, ended
from myapp.web.session import SessionCookie
from tests.factories.accounts import make_session


@pytest.fixture(autouse=True)
def cookie() -> Iterator[SessionCookie]:
    settings = Settings.model_validate({})
    cookie = SessionCookie(settings)
    session.use(cookie)
    access_tokens.use(AccessTokens(settings))
    yield cookie
    session.use(None)
    access_tokens.use(None)


def handshake(*, cookies: str = "", token: str | None = None) -> Handshake:
    return Handshake({}, cookies, token, "10.0.0.7")


async def logged_in(ada: Scope) -> tuple[str, Scope]:
    value = await make_session(ada.user_id)
    return value, await accounts.scope_for_session(value)


async def test_a_page_is_known_by_its_cookie_and_a_program_by_its_token(cookie: SessionCookie, ada: Scope):
    value, scope = await logged_in(ada)
    assert scope.session_id is not None

    page = await connect(handshake(cookies=f"session={value}"))
    program = await connect(handshake(token=cookie.write_token(scope.session_id)))

    assert page == program  # the same limits, and both end with the session
    assert page.id == f"session:{scope.session_id}"
    assert page.assigns == {"who": Principal(ada.user_id)}


async def test_who_shows_nothing_is_a_visitor():
    identity = await connect(handshake())
    assert identity.assigns == {"who": Principal()}
    assert identity.id == ""


async def test_who_has_logged_out_is_a_visitor_and_the_sessions_tokens_are_worth_nothing(
    cookie: SessionCookie, ada: Scope
):
    value, scope = await logged_in(ada)
    assert scope.session_id is not None
    token = cookie.write_token(scope.session_id)
    await accounts.log_out(scope)
    assert (await connect(handshake(cookies=f"session={value}"))).assigns == {"who": Principal()}
    with pytest.raises(Refused):
        await connect(handshake(token=token))


@pytest.mark.parametrize("token", ["", "x", "x.y", "\0", "é" * 4000])
async def test_a_token_that_is_worth_nothing_is_refused_even_beside_a_cookie(ada: Scope, token: str):
    value, _ = await logged_in(ada)
    with pytest.raises(Refused):
        await connect(handshake(cookies=f"session={value}", token=token))


async def test_a_cookie_is_no_token_and_a_token_no_cookie(cookie: SessionCookie, ada: Scope):
    value, scope = await logged_in(ada)
    assert scope.session_id is not None
    with pytest.raises(Refused):
        await connect(handshake(token=value))
    for wrong in (cookie.write_token(scope.session_id), str(scope.session_id)):
        assert (await connect(handshake(cookies=f"session={wrong}"))).assigns == {"who": Principal()}


async def test_after_a_loss_of_news_it_is_known_which_connections_are_of_sessions_that_are_over(ada: Scope):
    (_, over), (_, going_on) = await logged_in(ada), await logged_in(ada)
    names = [f"session:{scope.session_id}" for scope in (over, going_on)]
    await accounts.log_out(over)
    assert list(await ended(names)) == names[:1]


async def made_key(ada: Scope, *scopes: str) -> accounts.NewApiKey:
    _, scope = await logged_in(ada)
    return await accounts.create_api_key(scope, {"name": "A program", "scopes": list(scopes)})


async def test_a_program_is_known_by_its_key_and_limited_to_what_that_is_good_for(ada: Scope):
    made = await made_key(ada, "read")
    for shown in (handshake(token=made.key), Handshake({"token": made.key}, "", None, "10.0.0.7")):
        identity = await connect(shown)
        assert identity.id == f"api-key:{made.card.id}"
        assert identity.assigns == {"who": Principal(ada.user_id, frozenset({Grant.READ}))}
    await accounts.delete_api_key(ada, made.card.id)
    with pytest.raises(Unauthenticated):
        await connect(handshake(token=made.key))


async def test_a_program_is_known_by_its_access_token_until_its_log_in_is_over(ada: Scope):
    assert ada.user_id is not None
    tokens = await accounts.create_token_family(ada, Device())
    shown = handshake(token=access_tokens.access_tokens().write(ada.user_id, tokens.family_id))
    identity = await connect(shown)
    assert identity.id == f"token-family:{tokens.family_id}"
    assert identity.assigns == {"who": Principal(ada.user_id)}
    await accounts.delete_program(ada, tokens.family_id)
    with pytest.raises(Unauthenticated):
        await connect(shown)


async def test_what_is_over_is_found_among_connections_of_every_kind(ada: Scope):
    _, scope = await logged_in(ada)
    assert scope.session_id is not None
    made, kept = await made_key(ada, "read"), await made_key(ada, "read")
    tokens = await accounts.create_token_family(ada, Device())
    names = {
        f"session:{scope.session_id}",
        f"api-key:{made.card.id}",
        f"api-key:{kept.card.id}",
        f"token-family:{tokens.family_id}",
    }
    assert set(await ended(names)) == set()
    await accounts.delete_session(scope, scope.session_id)
    await accounts.delete_api_key(ada, made.card.id)
    await accounts.delete_program(ada, tokens.family_id)
    assert set(await ended(names)) == names - {f"api-key:{kept.card.id}"}
