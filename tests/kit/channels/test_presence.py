"""Presence on channels, message by message and through Phoenix's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any, override

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import presence, pubsub
from myapp.kit.channels import Channel, Endpoint, Refused, Socket
from myapp.kit.presence import _tracker
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.kit.channels.conftest import OURS, SOON, Client, RoomChannel, Site, Sites, who_is_it
from tests.phoenix.client import PhoenixClient, Version, phoenix_client

LOBBY = "lobby:1"
PERIOD = 0.05  # s


class LobbyChannel(Channel):
    """Everybody who joins is present, as the name they give."""

    rate = None

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> None:
        if params.get("watches"):
            presence.follow(socket)
        else:
            socket.assigns["presence"] = presence.track(socket, params["name"], {"name": params["name"].title()})
        if params.get("is_refused"):
            raise Refused("after all")

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Mapping[str, object]:
        match event:
            case "away":
                socket.assigns["presence"].update({"name": "Away"})
            case "hide":
                socket.assigns["presence"].untrack()
            case "crash":
                raise ZeroDivisionError
            case _:
                pass
        return {}


@pytest.fixture
async def site(sites: Sites) -> AsyncGenerator[Site]:
    endpoint = Endpoint({"lobby:*": LobbyChannel()}, connect=who_is_it, is_our_page=lambda origin, _: origin == OURS)
    async with presence.running(period=PERIOD), endpoint.running():
        yield Site(endpoint, RoomChannel(), f"ws://127.0.0.1:{sites.port}{sites.put(endpoint)}")


async def enter(client: Client, **params: object) -> dict[str, Any]:
    """Join the lobby; the state that comes after the reply."""
    await client.send("1", "1", LOBBY, "phx_join", params)
    await client.hears("1", "1", LOBBY, "phx_reply", {"status": "ok", "response": {}})
    join_ref, ref, topic, event, state = await client.hear()
    assert (join_ref, ref, topic, event) == ("1", None, LOBBY, "presence_state")
    return state


async def diff(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """The next diff: who came and who left."""
    join_ref, ref, topic, event, payload = await client.hear()
    assert (join_ref, ref, topic, event) == (None, None, LOBBY, "presence_diff")
    assert payload.keys() == {"joins", "leaves"}
    return payload["joins"], payload["leaves"]


def names(people: dict[str, Any]) -> dict[str, list[str]]:
    return {key: [meta["name"] for meta in entry["metas"]] for key, entry in people.items()}


async def test_who_joins_gets_the_state_after_the_reply_and_the_others_get_the_diff(site: Site) -> None:
    async with site.client() as ada, site.client(user="mei") as mei:
        state = await enter(ada, name="ada")
        assert state.keys() == {"ada"}
        [meta] = state["ada"]["metas"]
        assert meta.keys() == {"name", "online_at", "phx_ref"}
        assert meta["online_at"].isdigit()
        assert names(await enter(mei, name="mei")) == {"ada": ["Ada"], "mei": ["Mei"]}
        joins, leaves = await diff(ada)
        assert (names(joins), leaves) == ({"mei": ["Mei"]}, {})
        await mei.hears_nothing()
        await mei.wire.close()
        joins, leaves = await diff(ada)
        assert (joins, names(leaves)) == ({}, {"mei": ["Mei"]})
        assert presence.list(LOBBY) == state


async def test_tabs_of_one_person_are_one_entry_with_several_metas(site: Site) -> None:
    async with site.client() as one, site.client() as two:
        await enter(one, name="ada")
        state = await enter(two, name="ada")
        first, second = state["ada"]["metas"]
        assert first["phx_ref"] != second["phx_ref"]
        assert await diff(one) == ({"ada": {"metas": [second]}}, {})
        await two.send("1", "2", LOBBY, "phx_leave", {})
        assert await diff(one) == ({}, {"ada": {"metas": [second]}})


async def test_an_update_is_a_leave_and_a_join_in_one_diff(site: Site) -> None:
    async with site.client() as ada:
        before = await enter(ada, name="ada")
        await ada.send("1", "2", LOBBY, "away", {})
        await ada.hear()
        joins, leaves = await diff(ada)
        assert leaves == before
        [old], [new] = before["ada"]["metas"], joins["ada"]["metas"]
        assert new == {**old, "name": "Away", "phx_ref": new["phx_ref"], "phx_ref_prev": old["phx_ref"]}
        assert new["phx_ref"] != old["phx_ref"]


async def test_what_cancels_out_in_one_batch_is_not_told(site: Site) -> None:
    async with site.client() as ada:
        await enter(ada, watches=True)
        presence.track(LOBBY, "mei").untrack()
        presence.track(LOBBY, "kim")
        joins, leaves = await diff(ada)
        assert (joins.keys(), leaves) == ({"kim"}, {})


async def test_who_watches_sees_and_is_not_seen(site: Site) -> None:
    async with site.client() as watcher, site.client(user="ada") as ada:
        assert await enter(watcher, watches=True) == {}
        state = await enter(ada, name="ada")
        assert await diff(watcher) == (state, {})


@pytest.mark.parametrize("ending", ["leaves", "joins again", "crashes", "is cut off", "hides", "is refused"])
async def test_however_one_goes_one_is_gone(site: Site, ending: str) -> None:
    async with site.client(user="mei") as watcher, site.client() as ada:
        await enter(watcher, watches=True)
        if ending == "is refused":
            await ada.send("1", "1", LOBBY, "phx_join", {"name": "ada", "is_refused": True})
            await ada.hear()
            assert presence.list(LOBBY) == {}
            return
        await enter(ada, name="ada")
        await diff(watcher)
        match ending:
            case "leaves":
                await ada.send("1", "2", LOBBY, "phx_leave", {})
            case "joins again":
                await ada.send("2", "2", LOBBY, "phx_join", {"watches": True})
            case "crashes":
                await ada.send("1", "2", LOBBY, "crash", {})
            case "hides":
                await ada.send("1", "2", LOBBY, "hide", {})
            case _:
                ada.wire.transport.abort()
        joins, leaves = await diff(watcher)
        assert (joins, names(leaves)) == ({}, {"ada": ["Ada"]})


async def test_many_who_come_at_once_are_one_diff_and_one_state(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    encodings, encoded = list[int](), _tracker.encoded
    monkeypatch.setattr(_tracker, "encoded", lambda people: encodings.append(len(people)) or encoded(people))
    async with AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(site.client(user="mei"))
        await enter(watcher, watches=True)
        clients = [await stack.enter_async_context(site.client(user=f"{number}")) for number in range(40)]
        for number, client in enumerate(clients):
            await client.send("1", "1", LOBBY, "phx_join", {"name": f"n{number}"})
        told, diffs, began = set[str](), 0, monotonic()
        while len(told) < 40:
            told |= (await diff(watcher))[0].keys()
            diffs += 1
        assert len(encodings) <= diffs + 1
        assert diffs <= (monotonic() - began) / PERIOD + 2


async def test_who_is_here_is_told_before_the_transaction_around_it_ends(
    site: Site, hub: pubsub.PubSub, db: AsyncConnection
) -> None:
    is_told = asyncio.Event()
    hub.send = lambda line: is_told.set() if "presence.delta" in line else None
    async with transaction(SYSTEM):
        presence.track(LOBBY, "ada")
        await asyncio.wait_for(is_told.wait(), SOON)


@pytest.fixture(params=["1.7", "1.8"])
def version(request: pytest.FixtureRequest) -> Version:
    return request.param


async def people(client: PhoenixClient, wanted: dict[str, int]) -> None:
    """Wait until the client's list has so many metas of everybody, and nobody else."""
    while {key: len(metas) for key, metas in (await client.happens("presence", topic=LOBBY))["list"]} != wanted:
        pass


async def test_the_list_of_phoenix_clients_follows(site: Site, version: Version) -> None:
    async with phoenix_client(site.url.removesuffix("/websocket"), version) as ada, site.client(user="mei") as mei:
        await ada.follow_presence(LOBBY)
        await ada.join(LOBBY, name="ada")
        await people(ada, {"ada": 1})
        await enter(mei, name="mei")
        await people(ada, {"ada": 1, "mei": 1})
        second = presence.track(LOBBY, "mei")
        await people(ada, {"ada": 1, "mei": 2})
        second.update({"name": "Other"})
        await people(ada, {"ada": 1, "mei": 2})
        second.untrack()
        await people(ada, {"ada": 1, "mei": 1})
        await mei.wire.close()
        await people(ada, {"ada": 1})
