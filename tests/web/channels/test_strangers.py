"""Strangers join every topic and ask every endpoint there is, with what there really is, and learn and change nothing.

Channels, streams and routes are found in the product's own tables, so a new one is walked without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from myapp import myapp as product
from myapp.accounts import Visibility
from myapp.config import load_settings
from myapp.kit import storage, telemetry
from myapp.kit.scope import Role, Scope
from myapp.kit.storage import LocalStorage
from myapp.metrics import metrics
from myapp.web import channels, session
from myapp.web.api import access_tokens
from myapp.web.api.access_tokens import AccessTokens
from myapp.web.channels import STREAMS
from myapp.web.session import SessionCookie
from tests.factories.accounts import make_member, make_organization, make_session
from tests.factories.world import SECRET, World, everything_of, make_world
from tests.web.channels.conftest import Follow

STRANGERS = ["a visitor", "the owner of another organisation"]
MESSAGES = ("page", "new_msg", "update_msg", "delete_msg", "read", "older", "newer", "typing", "event")


@pytest.fixture
async def world(db: object, tmp_path: Path) -> World:
    return await make_world(tmp_path / "post.md", Visibility.PRIVATE)


async def stranger(who: str) -> Scope | None:
    return None if who == "a visitor" else await make_member(await make_organization(), Role.OWNER)


def names(world: World) -> list[str]:
    """What of the world stands in addresses and topics."""
    ids = [
        world.organization.id, world.owner.user_id, world.member.user_id, world.post.id, world.draft.id,
        world.comment.id, world.room.id, world.private_room.id, world.message.id, world.group.id,
        world.attachment.id, world.import_.id, world.invitation.id,
    ]  # fmt: skip
    return [world.organization.slug, world.post.slug, world.room.slug, *map(str, ids)]


def topics(world: World) -> Iterator[str]:
    """Every channel with every name, and every stream of every name, also after the organisation's."""
    for name in names(world):
        for pattern in channels.channels():
            yield pattern.removesuffix("*") + name
        for stream in STREAMS:
            yield f"stream:{stream}:{name}"
            yield f"stream:{stream}:{world.organization.slug}:{name}"
            yield from (f"stream:{stream}:{name}:{audience}" for audience in ("members", "moderators"))


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_join_nothing_of_a_private_organisation(who: str, follow: Follow, world: World) -> None:
    before, scope = await everything_of(world.organization.id), await stranger(who)
    for topic in topics(world):
        follower = await follow(topic, scope, joins=False)
        client = follower.client
        await client.send("1", "1", topic, "phx_join", {"query": ""})
        *_, reply = await client.hear()
        assert reply["status"] == "error", topic
        for number, event in enumerate(MESSAGES, 2):
            form = {"body": "Let me in", "id": str(world.message.id), "seq": 1, "before": 9, "after": 0}
            await client.send("1", str(number), topic, event, form)
            *_, answer = await client.hear()
            assert answer["status"] == "error", (topic, event)
            assert SECRET not in str(answer["response"]), (topic, event)
        await client.wire.close()
    assert await everything_of(world.organization.id) == before


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_get_nothing_from_any_endpoint(who: str, world: World, tmp_path: Path) -> None:
    session.use(SessionCookie(load_settings()))
    access_tokens.use(AccessTokens(load_settings()))
    storage.use(LocalStorage(tmp_path / "files"))
    scope, cookies = await stranger(who), httpx.Cookies()
    if scope is not None:
        cookies.set(session.cookie().name, await make_session(scope.user_id))
    before, asked = await everything_of(world.organization.id), 0
    transport = httpx.ASGITransport(product.api)  # what fails is no refusal: it is raised here
    browser = httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"origin": "http://testserver"}, cookies=cookies
    )
    async with telemetry.running(metrics()), browser as client:
        for route in routes_of(product.api.router):
            if route.path.startswith("/dev/"):  # all mails, on a developer's machine only
                continue
            for name in names(world) if "{" in route.path else [""]:
                path = re.sub(r"\{(\w+)(:\w+)?\}", partial(_filled, world, name), route.path)
                for method in sorted(route.methods or ()):
                    response = await client.request(method, path, json={})
                    asked += 1
                    assert response.status_code < 500, (method, path)
                    assert re.search(rf"(?<![-/]){SECRET}", response.text) is None, (method, path)
    storage.use(None)
    assert asked > 50
    assert await everything_of(world.organization.id) == before


def routes_of(router: Any) -> Iterator[Route]:
    """Those of the router and of the routers it includes."""
    for each in router.routes:
        if isinstance(each, Route):
            yield each
        else:
            yield from routes_of(each.original_router)


def _filled(world: World, name: str, found: re.Match[str]) -> str:
    return world.organization.slug if "org" in found[1] else name


async def test_the_walk_would_notice(follow: Follow, world: World) -> None:
    """The organisation's owner joins what strangers are kept from, and reads it."""
    joined = set[str]()
    for topic in topics(world):
        follower = await follow(topic, world.owner, joins=False)
        await follower.client.send("1", "1", topic, "phx_join", {"query": ""})
        *_, reply = await follower.client.hear()
        if reply["status"] == "ok":
            joined.add(":".join(topic.split(":")[: 2 if topic.startswith("stream") else 1]))
        await follower.client.wire.close()
    assert joined >= {"room", "rooms", "reading", "stream:posts", "stream:comments", "stream:tags"}
