"""An operator looks into another process, and kills what hangs there: real processes, over either way between them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.kit import pubsub, run_log, supervisor, telemetry
from myapp.kit.clock import new_id
from myapp.kit.errors import NotFound, Unavailable
from myapp.kit.scope import Scope
from myapp.metrics import metrics
from myapp.ops import AuditFilter, SupervisedChild, exchange, looking
from myapp.ops.exchange import KillOrdered, exchanging, own_name
from tests import peers
from tests.kit.between import Between, between, redis_server
from tests.ops.trees import grown, pot_is_back

__all__ = ["between", "redis_server"]  # fixtures

OPERATOR = Scope(new_id(), is_operator=True)
SOON = 30.0  # seconds that a process may take on a machine that runs four tests at once


@pytest.fixture(autouse=True)
async def _here(db: AsyncConnection, between: Between, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    monkeypatch.setattr(exchange, "PATIENCE", SOON)
    monkeypatch.setattr(looking, "PATIENCE", SOON)
    async with telemetry.running(metrics()), grown(), pubsub.connected(*between.urls), exchanging():
        yield


@asynccontextmanager
async def other(between: Between) -> AsyncGenerator[tuple[peers.Peer, str]]:
    """Another process and its name, once it is known here."""
    with pubsub.mailbox(exchange.TOPIC) as box:
        process = await peers.start("tests.ops.tree_peer", *between.urls)
        try:
            name = (await asyncio.wait_for(process.stdout.readline(), SOON)).decode().strip()
            async with asyncio.timeout(SOON):
                while getattr(await box.get(), "asker", "") != name:
                    pass
            yield process, name
        finally:
            process.kill()
            await process.wait()


async def child(path: str, process: str) -> SupervisedChild:
    found = (await ops.get_running(OPERATOR, process)).found
    assert found is not None
    return next(each for each in found.children if each.path == path)


async def killed() -> list[tuple[str, object]]:
    entries = (await ops.list_audit(OPERATOR, AuditFilter(what="ops.child"))).entries
    return [(each.subject_id, each.after) for each in entries]


async def test_what_runs_in_another_process_is_shown_and_how_its_stores_stand(between: Between) -> None:
    async with other(between) as (_, name):
        looked = await ops.get_running(OPERATOR, name)
        assert (looked.process, looked.processes, looked.silent) == (name, (own_name(), name), ())
        assert looked.found is not None
        assert [each.path for each in looked.found.children] == ["kettle", "table", "table/pot"]
        assert looked.found.children[2].details == "cups: 2"
        assert "main" in {each.function for each in looked.found.tasks}
        stores = await ops.get_stores(OPERATOR, name)
        assert stores.found is not None
        assert stores.found.refused == {"cups of tea": 1}
        here = await ops.get_stores(OPERATOR)
        assert here.found is not None
        assert (here.process, here.found.refused) == (own_name(), {})


async def test_how_another_process_uses_the_database_is_shown_and_its_statement_explained(between: Between) -> None:
    async with other(between) as (_, name):
        use = (await ops.get_database_use(OPERATOR, name)).found
        assert use is not None
        assert use.pool.size == 3
        [cost] = [each for each in use.statements if "FROM users" in each.statement]
        assert cost.statement == "SELECT name FROM users WHERE name = ?"
        assert await ops.get_statement(OPERATOR, cost.id, name) == cost
        assert any("users" in line for line in await ops.explain_statement(OPERATOR, cost.id, name))
        with pytest.raises(NotFound):
            await ops.get_statement(OPERATOR, cost.id)


async def test_a_statement_of_a_process_that_does_not_answer_has_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PATIENCE", 0.01)
    with pytest.raises(Unavailable):
        await ops.explain_statement(OPERATOR, "x", "nobody:1")


async def test_what_every_process_runs_again_and_again_is_listed(between: Between) -> None:
    async with run_log.running(), other(between) as (_, name):
        telemetry.execute("scheduler.run.exception", {"duration": 0.5}, {"job": "boil water", "error": "OSError"})
        found = await ops.list_periodic_runs(OPERATOR)
    runs = [(each.process, each.job, each.runs[0].seconds, each.runs[0].error) for each in found.work]
    assert runs == [(own_name(), "boil water", 0.5, "OSError"), (name, "pour tea", 0.25, "")]
    assert found.silent == ()


async def test_a_child_is_killed_there_and_that_is_noted_here(between: Between) -> None:
    async with other(between) as (_, name):
        with pytest.raises(NotFound):
            await ops.kill_child(OPERATOR, "table/spoon", name)
        assert await killed() == []
        await ops.kill_child(OPERATOR, "table/pot", name)
        assert await killed() == [("table/pot", {"process": name})]
        async with asyncio.timeout(SOON):
            while (pot := await child("table/pot", name)).restarts == 0 or pot.state != "running":
                pass
        assert (await child("table/pot", own_name())).restarts == 0


async def test_one_that_does_not_answer_is_said_to_be_gone_and_nothing_is_killed(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with other(between) as (process, name):
        process.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(exchange, "PATIENCE", 0.01)
        monkeypatch.setattr(looking, "PATIENCE", 0.01)
        looked = await ops.get_running(OPERATOR, name)
        assert (looked.found, looked.processes, looked.silent) == (None, (own_name(),), (name,))
        with pytest.raises(Unavailable):
            await ops.kill_child(OPERATOR, "table/pot", name)
        assert await killed() == []
        assert (await ops.get_running(OPERATOR, "nobody:1")).silent == (name,)


async def test_an_order_is_carried_out_by_the_process_it_names_alone(caplog: pytest.LogCaptureFixture) -> None:
    pubsub.broadcast(exchange.TOPIC, KillOrdered("elsewhere:7", "table/pot"))
    pubsub.broadcast(exchange.TOPIC, KillOrdered(own_name(), "table/spoon"))
    assert "table/spoon was not killed" in caplog.text
    assert "kills table/pot" not in caplog.text
    pubsub.broadcast(exchange.TOPIC, KillOrdered(own_name(), "table/pot"))
    await pot_is_back(supervisor.root())
