"""The boards of the operators over real sockets: who gets them, and that they are read once for all and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest
import websockets
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import accounts, ops
from myapp.accounts import User
from myapp.kit import telemetry
from myapp.kit.channels import Endpoint
from myapp.kit.scope import Scope
from myapp.metrics import metrics
from myapp.web.channels.ops_channel import OpsChannel
from myapp.web.ops.board import Board
from myapp.web.ops.boards import BOARDS
from tests.factories import SYSTEM
from tests.factories.accounts import make_user
from tests.kit.channels.conftest import OURS, Client, Sites
from tests.ops.trees import grown
from tests.web.channels.conftest import Follow
from tests.web.channels.identity import whoever_it_says


@pytest.fixture(autouse=True)
async def _measured() -> AsyncGenerator[None]:
    async with telemetry.running(metrics()), ops.answering("web"), grown():
        yield


class Counting:
    """A board that shows how often it was read."""

    def __init__(self) -> None:
        self.reads = 0
        self.fails = False
        self.was_read = asyncio.Condition()

    async def read(self, _scope: Scope, _part: str) -> Mapping[str, object]:
        async with self.was_read:
            self.reads += 1
            self.was_read.notify_all()
        if self.fails:
            raise OSError("a board that is not there")
        return {"reads": self.reads}


@pytest.fixture
async def operator(db: AsyncConnection) -> User:
    return await make_user("Ona Operator", is_operator=True)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
async def served(sites: Sites, counting: Counting) -> AsyncGenerator[str]:
    channel = OpsChannel(
        {
            "quick": Board(0.01, counting.read),
            "slow": Board(3600, counting.read),
            "parts": Board(1, counting.read, parts="must be"),
        }
    )
    endpoint = Endpoint({"ops:*": channel}, connect=whoever_it_says, is_our_page=lambda origin, _: origin == OURS)
    async with endpoint.running():
        yield f"ws://127.0.0.1:{sites.port}{sites.put(endpoint)}?vsn=2.0.0"


async def join(url: str, user: User, topic: str) -> tuple[Client, websockets.ClientConnection, Any]:
    wire = await websockets.connect(f"{url}&user={user.id}", origin=websockets.Origin(OURS), ping_interval=None)
    client = Client(wire)
    await client.send("1", "1", topic, "phx_join", {})
    *_, reply = await client.hear()
    return client, wire, reply


TOPICS = [f"ops:{name}" for name, board in BOARDS.items() if board.has("")] + [
    "ops:metrics:process",
    "ops:metrics:process:x:1",
    "ops:processes:x:1",
    "ops:stores:x:1",
]


@pytest.mark.parametrize("topic", TOPICS)
async def test_an_operator_gets_every_board_and_others_none(topic: str, follow: Follow, operator: User) -> None:
    client = (await follow(topic, Scope(operator.id), joins=False)).client
    await client.send("1", "1", topic, "phx_join", {})
    *_, reply = await client.hear()
    assert reply["status"] == "ok"
    assert reply["response"]
    for who in (None, Scope((await make_user()).id)):
        other = (await follow(topic, who, joins=False)).client
        await other.send("1", "1", topic, "phx_join", {})
        *_, reply = await other.hear()
        assert reply == {"status": "error", "response": {"reason": "unauthorized"}}


@pytest.mark.parametrize("topic", ["ops:nothing", "ops:slow:part", "ops:parts", "ops:parts:"])
async def test_what_is_no_board_is_refused(topic: str, served: str, operator: User) -> None:
    _, wire, reply = await join(served, operator, topic)
    assert reply["response"] == {"reason": "unmatched topic"}
    await wire.close()


async def test_a_part_that_is_not_there_is_not_found(follow: Follow, operator: User) -> None:
    client = (await follow("ops:metrics:nothing", Scope(operator.id), joins=False)).client
    await client.send("1", "1", "ops:metrics:nothing", "phx_join", {})
    *_, reply = await client.hear()
    assert reply["response"] == {"reason": "not found"}


async def test_a_board_is_read_once_for_all_who_follow_it(served: str, operator: User, counting: Counting) -> None:
    wires = []
    for _ in range(3):
        _, wire, reply = await join(served, operator, "ops:slow")
        assert reply["response"] == {"reads": 1}
        wires.append(wire)
    for wire in wires:
        await wire.close()
    assert counting.reads == 1


async def test_changes_come_by_themselves_also_after_a_reading_that_failed(
    served: str, operator: User, counting: Counting
) -> None:
    client, wire, _ = await join(served, operator, "ops:quick")
    *_, event, payload = await client.hear()
    assert (event, payload["reads"] > 1) == ("snapshot", True)
    counting.fails = True
    async with counting.was_read:
        await counting.was_read.wait()
    counting.fails = False
    reads = counting.reads
    while (await client.hear())[-1]["reads"] <= reads:
        pass
    await wire.close()


async def test_nothing_is_read_when_nobody_follows(served: str, operator: User, counting: Counting) -> None:
    _, wire, _ = await join(served, operator, "ops:quick")
    reading = [task for task in asyncio.all_tasks() if task.get_name() == "ops:quick"]
    assert reading
    await wire.close()
    await asyncio.wait(reading, timeout=5)
    assert all(task.cancelled() for task in reading)


async def test_who_is_an_operator_no_longer_is_shown_out(served: str, operator: User) -> None:
    await make_user("Another operator", is_operator=True)
    client, wire, _ = await join(served, operator, "ops:slow")
    await accounts.set_operator(SYSTEM, operator.id, on=False)
    *_, event, _payload = await client.hear()
    assert event == "phx_close"
    await wire.close()
