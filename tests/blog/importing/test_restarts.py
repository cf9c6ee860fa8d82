"""An import that its process leaves off because it is to stop, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from myapp import blog
from myapp.blog import ImportProgressed, ImportStatus, Post
from myapp.kit import lifetime
from myapp.kit.scope import Scope
from tests.blog.importing.test_running import POSTS, site, uploaded
from tests.blog.importing.whole import rows, run_waiting


async def test_an_import_outlasts_any_number_of_restarts(
    scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.imports.running.TELL_EVERY", 0)
    card = await uploaded(scope, site())
    done: list[int] = []

    def hear(_topic: str, event: object) -> None:
        if isinstance(event, ImportProgressed) and event.done > max(done, default=0):
            lifetime.begin_stopping()

    subscription = await blog.subscribe_imports(scope, hear)
    for _ in range(2):
        with lifetime.begun(), pytest.raises(lifetime.Stopping):
            await run_waiting()
        found = await blog.get_import(scope, card.id)
        assert found.status == ImportStatus.INTERRUPTED
        done.append(found.done)
    subscription.cancel()
    assert 0 < done[0] < done[1] < POSTS
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).counts == {"posts": POSTS, "comments": 2 * POSTS, "authors": 1}
    assert len(await rows(Post)) == POSTS
