"""The list of what is measured holds together, and the deeds that it counts are counted."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest

from myapp import blog, metrics
from myapp.accounts import WrongPassword
from myapp.kit import catalogues, storage, telemetry
from myapp.kit.scope import Role, Scope
from myapp.kit.storage import LocalStorage
from myapp.kit.telemetry import Store
from myapp.kit.telemetry._cells import Total
from tests.accounts import entrance
from tests.accounts.entrance import hashes  # noqa: F401 - a fixture
from tests.architecture.house import sources
from tests.factories.accounts import make_member, make_organization


@pytest.fixture
def store() -> Generator[Store]:
    store = Store(metrics.metrics())
    with telemetry.attached("test", store.events, store.handle):
        yield store


def count(store: Store, name: str, *tags: str) -> float:
    cell = store.tracks[name].whole().get(tags)
    return cast("Total", cell).total if cell else 0


def test_every_metric_says_what_it_is_and_no_two_have_one_name() -> None:
    names = [metric.name for metric in metrics.metrics()]
    assert len(set(names)) == len(names)
    assert [metric.name for metric in metrics.metrics() if not metric.description] == []


def test_every_description_can_be_translated() -> None:
    marked = catalogues.extract()
    assert [metric.name for metric in metrics.metrics() if metric.description not in marked] == []


def test_every_event_that_is_measured_is_executed_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources("myapp") if path.name != "metrics.py")
    said = {metric.event.removesuffix(".stop").removesuffix(".exception") for metric in metrics.metrics()}
    assert sorted(event for event in said if f'"{event}"' not in code) == []


async def test_a_post_is_counted_once_for_all_whom_it_is_told(store: Store, ada: Scope) -> None:
    post = await blog.create_post(ada, {"title": "How to make tea", "body": "With water that is hot enough."})
    await blog.publish_post(ada, post.id)
    await blog.create_comment(ada, post.id, {"body": "Lovely, thank you."})
    assert count(store, "blog.post.created.count") == 1
    assert count(store, "blog.post.published.count") == 1
    assert count(store, "blog.comment.created.count") == 1
    assert count(store, "audit.deed.count", "blog.post.published") == 1


async def test_an_export_is_counted_once_with_how_it_ended(store: Store, db: object, tmp_path: Path) -> None:
    scope = await make_member(await make_organization(), Role.ADMIN)
    storage.use(LocalStorage(tmp_path))
    card = await blog.start_export(scope)
    await blog.run_queued_export(Scope.system("a test"), card.id)
    storage.use(None)
    assert count(store, "blog.export.ended.count", "done") == 1
    assert count(store, "audit.deed.count", "blog.export.started") == 1


async def test_log_ins_are_counted_by_how_they_went(store: Store) -> None:
    await entrance.ada()
    await entrance.log_in()
    with pytest.raises(WrongPassword):
        await entrance.log_in("Wrong horse 1")
    assert count(store, "accounts.log_in.ok.count") == 1
    assert count(store, "accounts.log_in.failed.count") == 1
