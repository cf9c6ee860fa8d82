"""Programs on the product's channels, with Phoenix's own client: by a key or an access token, as a parameter too."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from myapp import accounts
from myapp.accounts import Device
from myapp.chat import ChatRoom
from myapp.config import Settings
from myapp.kit import presence
from myapp.kit.channels import Endpoint
from myapp.kit.channels.close import Close
from myapp.kit.scope import Scope
from myapp.web import channels, session
from myapp.web.api import access_tokens
from myapp.web.api.access_tokens import AccessTokens
from myapp.web.session import SessionCookie
from tests.factories.accounts import make_session
from tests.kit.channels.conftest import OURS, Sites
from tests.phoenix.client import Version, phoenix_client
from tests.web.channels.rooms import address, enter, topic_of


@pytest.fixture
async def site(sites: Sites, db: object) -> AsyncGenerator[str]:
    settings = Settings.model_validate({})
    session.use(SessionCookie(settings))
    access_tokens.use(AccessTokens(settings))
    endpoint = Endpoint(channels.channels(), connect=channels.connect, is_our_page=lambda origin, _: origin == OURS)
    async with presence.running(period=0.05), endpoint.running():
        yield address(sites, endpoint)
    session.use(None)
    access_tokens.use(None)


async def make_key(scope: Scope, *scopes: str) -> accounts.NewApiKey:
    logged_in = await accounts.scope_for_session(await make_session(scope.user_id))
    return await accounts.create_api_key(logged_in, {"name": "A program", "scopes": list(scopes)})


@pytest.mark.parametrize(("version", "shown"), [("1.8", "authToken"), ("1.7", "token"), ("1.8", "token")])
async def test_a_key_talks_until_it_is_revoked(
    site: str, ada: Scope, room: ChatRoom, version: Version, shown: str
) -> None:
    made = await make_key(ada, "write")
    async with phoenix_client(site, version, **{shown: made.key}) as program:
        await enter(program, room)
        assert (await program.push(topic_of(room), "new_msg", {"body": "by a program"}))[0] == "ok"
        await accounts.delete_api_key(ada, made.card.id)
        assert (await program.happens("close"))["code"] == Close.LOGGED_OUT


async def test_a_key_that_reads_hears_and_says_nothing(site: str, ada: Scope, room: ChatRoom) -> None:
    made = await make_key(ada, "read")
    async with phoenix_client(site, "1.8", authToken=made.key) as program:
        await enter(program, room)
        status, reply = await program.push(topic_of(room), "new_msg", {"body": "not allowed"})
        assert (status, reply) == ("error", {"reason": "unauthorized"})


async def test_an_access_token_talks_until_its_log_in_is_over(site: str, ada: Scope, room: ChatRoom) -> None:
    assert ada.user_id is not None
    tokens = await accounts.create_token_family(ada, Device())
    token = access_tokens.access_tokens().write(ada.user_id, tokens.family_id)
    async with phoenix_client(site, "1.8", authToken=token) as program:
        await enter(program, room)
        assert (await program.push(topic_of(room), "new_msg", {"body": "by a program"}))[0] == "ok"
        with pytest.raises(accounts.InvalidToken):
            await accounts.rotate_refresh_token((await spent(tokens)).refresh_token)
        assert (await program.happens("close"))["code"] == Close.LOGGED_OUT


async def spent(tokens: accounts.Tokens) -> accounts.Tokens:
    await accounts.rotate_refresh_token(tokens.refresh_token)
    return tokens
