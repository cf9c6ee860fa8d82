"""Who follows a list in one process and goes on in another gets what they missed, and not the list."""

from __future__ import annotations

import pytest

from myapp.accounts import Organization
from myapp.blog import Post
from myapp.kit.scope import Scope
from tests.factories.blog import make_post
from tests.kit.between import redis_server
from tests.phoenix.client import PhoenixClient
from tests.web.channels.rooms import client_of
from tests.web.channels.test_processes import There, here, hers, his, organization, site, started, there

__all__ = ["here", "hers", "his", "organization", "redis_server", "site", "started", "there"]  # fixtures


@pytest.mark.parametrize("others", [True, False])
async def test_when_a_process_is_killed_amid_traffic_its_clients_get_what_they_missed(
    there: There,
    hers: PhoenixClient,
    his: PhoenixClient,
    ada: Scope,
    organization: Organization,
    others: bool,
) -> None:
    topic = f"stream:posts:{organization.slug}"
    if others:
        hers.follow(topic)
        await hers.shows(topic, [])
    before = await post(ada, "One", "Two", "Three")
    his.follow(topic)
    assert await his.joins(topic) == [("reset", None)]
    there.publishes(ada, "From there")
    await post(ada, "From here")
    shown = {"From there", "From here", *before}
    while set((await his.happens("rows", topic=topic))["titles"]) != shown:
        pass

    await there.dies()
    meanwhile = await post(ada, "Meanwhile")
    missed = await his.joins(topic)
    assert missed == [("insert", title) for title in meanwhile][: len(missed)]
    await post(ada, "Afterwards")
    while "Afterwards" not in (rows := (await his.happens("rows", topic=topic))["titles"]):
        pass
    assert set(rows) == {*shown, *meanwhile, "Afterwards"}
    assert len(rows) == len(shown) + 2


async def test_they_do_in_a_process_that_was_started_meanwhile(
    there: There, his: PhoenixClient, ada: Scope, organization: Organization
) -> None:
    topic = f"stream:posts:{organization.slug}"
    his.follow(topic)
    assert await his.joins(topic) == [("reset", None)]
    await there.dies()
    await his.joins(topic)
    await there.lives()
    await post(ada, "While the other one was there already")
    await his.shows(topic, ["While the other one was there already"])

    his.do("cut")
    await post(ada, "Missed or not")
    missed = await his.joins(topic)
    assert missed in ([], [("insert", "Missed or not")])
    there.publishes(ada, "And on")
    await his.shows(topic, ["And on", "Missed or not", "While the other one was there already"])


async def test_when_the_place_that_numbers_is_lost_everybody_gets_the_list_anew(
    there: There, hers: PhoenixClient, his: PhoenixClient, ada: Scope, organization: Organization
) -> None:
    topic = f"stream:posts:{organization.slug}"
    await post(ada, "Before")
    for client in (hers, his):
        client.follow(topic)
        await client.shows(topic, ["Before"])
    await there.between.loses_its_numbers()
    await post(ada, "After")
    for client in (hers, his):
        await client.shows(topic, ["After", "Before"])
    async with client_of(f"ws://127.0.0.1:{there.port}/socket", ada) as third:
        third.follow(topic)
        await third.joins(topic)
        await third.shows(topic, ["After", "Before"])


async def post(author: Scope, *titles: str) -> list[str]:
    """Publish posts here; their titles."""
    posts: list[Post] = [await make_post(author, title=title) for title in titles]
    return [each.title for each in posts]
