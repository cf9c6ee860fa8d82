"""Who runs an import runs it alone, also where PostgreSQL forgets who does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from myapp import blog
from myapp.blog import ImportStatus, Post
from myapp.blog.imports.alone import nobody_runs, sole_runner
from myapp.kit.clock import new_id
from myapp.kit.names import NameLost, _registrar
from myapp.kit.scope import Scope
from tests.blog.importing.test_running import POSTS, SYSTEM, site, uploaded
from tests.blog.importing.whole import rows, run_waiting

pytestmark = pytest.mark.usefixtures("names_held")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, dead_are_known: None) -> None:
    """Who has lost a name hears of it soon."""
    monkeypatch.setattr(_registrar, "BEAT", 0.05)


async def forget_who_runs_what(url: str) -> None:
    """End every session that has names, as a server that restarts does."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'names of %'"
        )
        assert await found.fetchall() == [(True,)]


async def test_who_cannot_be_known_to_run_it_alone_is_cut_off_before_the_next_begins(real_db: str) -> None:
    import_id = new_id()
    notes: list[str] = []
    async with asyncio.TaskGroup() as meanwhile:
        with pytest.raises(NameLost):
            async with sole_runner(import_id) as is_mine:
                assert is_mine
                meanwhile.create_task(forget_who_runs_what(real_db))
                try:
                    await asyncio.Event().wait()
                finally:
                    notes.append("the first is cut off")
    async with sole_runner(import_id) as is_mine:
        notes.append(f"the second may run it: {is_mine}")
    assert notes == ["the first is cut off", "the second may run it: True"]


async def test_what_is_run_is_known_to_be_in_every_process(real_db: str) -> None:
    one, other = new_id(), new_id()
    async with sole_runner(one):
        assert await nobody_runs([one, other]) == {other}
        async with sole_runner(one) as is_mine:
            assert not is_mine
    assert await nobody_runs([one, other]) == {one, other}


async def test_an_import_that_is_cut_off_goes_on_where_it_was(
    real_db: str, scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.imports.running.TELL_EVERY", 0)
    card = await uploaded(scope, site())
    forgetting: list[asyncio.Task[None]] = []

    async def tell(event: blog.ImportProgressed) -> None:
        if event.done and not forgetting:
            forgetting.append(asyncio.create_task(forget_who_runs_what(real_db)))
            await asyncio.Event().wait()

    with pytest.raises(NameLost):
        await blog.run_queued_import(SYSTEM, card.id, tell)
    await asyncio.gather(*forgetting)

    assert (await blog.get_import(scope, card.id)).status == ImportStatus.INTERRUPTED
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.DONE
    assert len(await rows(Post)) == POSTS
