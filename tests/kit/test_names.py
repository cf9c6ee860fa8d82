"""A name is held by one process at a time, whoever dies, and whatever happens to PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from itertools import pairwise

import psycopg
import pytest

from myapp.kit import names
from myapp.kit.errors import Forbidden
from myapp.kit.names import Changed, Holder, NameLost, NamesUnreachable, NameTaken, _monitor, _registrar, _verbs
from myapp.kit.scope import Scope
from myapp.kit.supervisor import Agent, ChildSpec, actor, supervised
from tests.factories import SYSTEM
from tests.kit.names_processes import LEASE, PATIENCE, STEP_DOWN, peer, spells
from tests.kit.supervisor.pieces import node, until

NAME = "tea"
_THEIRS = "application_name LIKE 'names of %'"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms for a test, which are the same in all of its processes."""
    for name, seconds in {"LEASE": LEASE, "STEP_DOWN": STEP_DOWN, "BEAT": LEASE / 4}.items():
        monkeypatch.setattr(_registrar, name, seconds)
    monkeypatch.setattr(_monitor, "LOOK", 0.05)


@pytest.fixture
async def here(real_db: str) -> AsyncGenerator[_registrar.Registrar]:
    async with names.running(real_db) as registrar:
        yield registrar


async def cut(url: str) -> None:
    """End every session that has names, as a server that restarts does."""
    await _on_sessions(url, "pg_terminate_backend(pid, 5000)")


async def _on_sessions(url: str, what: str) -> list[int]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        statement = f"SELECT pid, {what} FROM pg_stat_activity WHERE datname = current_database() AND {_THEIRS}"  # noqa: S608
        cursor = await connection.execute(statement.encode())
        return [row[0] for row in await cursor.fetchall()]


async def eventually[T](ask: Callable[[], Awaitable[T]]) -> T:
    """What it gives once the name is not taken and can be reached."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await ask()
            except (NameTaken, NamesUnreachable):
                await asyncio.sleep(0.02)


class TestInOneProcess:
    async def test_who_comes_second_is_told_who_holds_it_and_what_is_given_back_is_free_at_once(
        self, here: _registrar.Registrar
    ) -> None:
        assert await names.lookup(NAME) is None
        async with names.hold(NAME) as claim:
            holder = await names.lookup(NAME)
            assert holder is not None
            assert (holder.node, holder.token) == (here.node, claim.token)
            assert actor("Registrar").state == {NAME: claim}
            assert str(claim) == f"<tea: held, token {claim.token}>"
            with pytest.raises(NameTaken, match=f"tea is held by {here.node}") as taken:
                await names.register(NAME)
            assert taken.value.holder == holder
            async with names.hold("coffee"):
                pass
        assert not claim.is_held
        assert await names.lookup(NAME) is None
        async with names.hold(NAME) as again:
            assert again.token == claim.token + 1

    async def test_it_is_given_back_when_its_owner_ends(self, here: _registrar.Registrar) -> None:
        async with Agent[int].running(int) as owner:
            claim = await names.register(NAME, owner=owner)
            assert claim.is_held
        await until(lambda: not claim.is_held)
        assert (await eventually(partial(names.register, NAME))).is_held

    async def test_who_holds_it_is_cancelled_when_the_session_is_lost_and_then_anybody_may_have_it(
        self, here: _registrar.Registrar, real_db: str
    ) -> None:
        with pytest.raises(NameLost, match="tea"):
            async with names.hold(NAME):
                await cut(real_db)
                await asyncio.Event().wait()
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        assert (await eventually(partial(names.register, NAME))).is_held

    async def test_who_ends_with_another_error_when_it_is_lost_ends_with_that(
        self, here: _registrar.Registrar, real_db: str
    ) -> None:
        with pytest.raises(ZeroDivisionError):
            async with names.hold(NAME) as claim:
                await cut(real_db)
                try:
                    await asyncio.Event().wait()
                finally:
                    assert not claim.is_held
                    raise ZeroDivisionError
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    async def test_those_that_somebody_holds_or_is_about_to_are_taken(
        self, here: _registrar.Registrar, real_db: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim = await names.register(NAME)
        assert await names.taken([NAME, "coffee"]) == {NAME}
        await cut(real_db)
        with pytest.raises(NameLost):
            await asyncio.wait_for(claim.lost, PATIENCE)
        assert await names.taken([NAME]) == set()
        monkeypatch.setattr(_registrar, "STEP_DOWN", 3600.0)
        waiting = asyncio.create_task(names.register(NAME))
        await until(lambda: NAME in actor("Registrar").state)
        assert await names.taken([NAME]) == {NAME}
        assert await names.lookup(NAME) is None
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async def test_those_that_nobody_has_held_for_long_are_forgotten(
        self, here: _registrar.Registrar, real_db: str
    ) -> None:
        former = await names.register(NAME)
        await names.release(former)
        held = await names.register("coffee")
        assert await names.forget_unused(SYSTEM) == 0
        async with await psycopg.AsyncConnection.connect(real_db, autocommit=True) as connection:
            await connection.execute(
                "UPDATE cluster_names SET taken_at = '2000-01-01', freed_at = freed_at - '8 days'::interval"
            )
        assert await names.forget_unused(SYSTEM) == 1
        assert held.is_held
        assert await names.lookup("coffee") is not None
        assert (await names.register(NAME)).token > former.token
        with pytest.raises(Forbidden):
            await names.forget_unused(Scope.anonymous())

    async def test_a_session_that_does_not_answer_is_lost_in_time(
        self, here: _registrar.Registrar, real_db: str
    ) -> None:
        claim = await names.register(NAME)
        [backend] = await _on_sessions(real_db, "true")
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(NameLost):
                await asyncio.wait_for(claim.lost, PATIENCE)
        finally:
            os.kill(backend, signal.SIGCONT)
        assert not claim.is_held
        assert (await eventually(partial(names.register, NAME))).token == claim.token + 1

    async def test_a_cancellation_from_elsewhere_stays_one(self, here: _registrar.Registrar) -> None:
        held = asyncio.Event()

        async def work() -> None:
            async with names.hold(NAME):
                held.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await names.lookup(NAME) is None

    async def test_killed_by_hand_it_tells_all_who_hold_something_and_monitors_go_on(self, real_db: str) -> None:
        heard: list[Changed] = []
        async with supervised("root", [ChildSpec("names", partial(names.running, real_db))]) as root:
            forget = names.monitor(NAME, heard.append)
            claim = await names.register(NAME)
            await until(lambda: heard and heard[-1].holder)
            root.kill("names")
            await until(lambda: node(root, "names").restarts == 1)
            assert isinstance(claim.lost.exception(), NameLost)
            await until(lambda: heard[-1].holder is None)
            again = await eventually(partial(names.register, NAME))
            await until(lambda: heard[-1].holder)
            forget()
            await names.release(again)
        assert [each.holder and each.holder.token for each in heard if each.holder] == [claim.token, again.token]

    async def test_without_it_nothing_is_named(self) -> None:
        with pytest.raises(NamesUnreachable):
            await names.register(NAME)

    async def test_who_cannot_reach_postgresql_says_so_and_lives(self) -> None:
        async with _registrar.Registrar.running("postgresql://nobody@127.0.0.1:1/none") as registrar:
            _verbs._registrar = registrar
            try:
                with pytest.raises(NamesUnreachable):
                    await names.register(NAME)
                assert registrar.is_alive
            finally:
                _verbs._registrar = None


class TestBetweenProcesses:
    async def test_kill_9_frees_it_and_monitors_are_told(self, here: _registrar.Registrar, real_db: str) -> None:
        heard: list[Holder | None] = []
        async with peer(real_db) as there:
            token = int((await there.does("hold", NAME, "held"))[0])
            forget = names.monitor(NAME, lambda changed: heard.append(changed.holder))
            await until(lambda: heard)
            assert heard[0] is not None
            assert (heard[0].node, heard[0].token) == (there.node, token)
            with pytest.raises(NameTaken) as taken:
                await names.register(NAME)
            assert taken.value.holder == await names.lookup(NAME) == heard[0]
            await there.kill()
            await until(lambda: heard[-1] is None)
            claim = await eventually(partial(names.register, NAME))
            assert claim.token == token + 1
            await until(lambda: heard[-1] is not None and heard[-1].node == here.node)
        forget()

    async def test_one_of_all_leads_until_it_goes(self, here: _registrar.Registrar, real_db: str) -> None:
        async with peer(real_db) as there:
            await there.does("hold", NAME, "held")
            async with names.standing_for(NAME) as candidate:
                assert not await candidate.leads()
                await there.does("free", NAME, "free")
                async with asyncio.timeout(PATIENCE):
                    while not await candidate.leads():  # noqa: ASYNC110 - nobody tells
                        await asyncio.sleep(0.02)
                await there.does("hold", NAME, "taken")
            await there.does("hold", NAME, "held")

    @pytest.mark.parametrize("seed", range(3))
    async def test_two_never_hold_it_at_once_whatever_happens(self, real_db: str, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        async with peer(real_db) as one, peer(real_db) as other:
            peers = [one, other]
            for each in peers:
                each.tell("want", NAME)
            for _ in range(10):
                each = chance.choice(peers)
                match chance.choice(["free", "cut", "cut", "kill", "stop"]):
                    case "cut":
                        await cut(real_db)
                    case "kill":
                        await each.kill()
                        await each.start()
                        each.tell("want", NAME)
                    case "stop":  # it stands still, but its session lives
                        await each.stand_still(chance.uniform(0, LEASE))
                    case _:
                        each.tell("free", NAME)
                await asyncio.sleep(chance.uniform(0, 2 * LEASE))
            for each in peers:
                await each.kill()
        found = spells([*one.said, *other.said], NAME)
        assert len(found) > 1
        for former, later in pairwise(found):
            assert former.until <= later.since, f"{former} and {later} at once"
            assert former.token < later.token
