"""Exports that wait, are made, are called off, and are forgotten; and who may have them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from myapp import blog
from myapp.blog import ExportProgressed, ExportStatus
from myapp.blog.exports import batches, running
from myapp.kit.audit import AuditLog
from myapp.kit.clock import now
from myapp.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Role, Scope
from tests.blog.exports.made import RUN, change, files, made, names_in, run_waiting
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.queue import all_jobs


async def test_an_export_waits_is_made_and_is_fetched(scope: Scope, folder: Path) -> None:
    for title in ("On tea", "On salt"):
        await make_post(scope, title=title)
    card = await blog.start_export(scope)
    assert (card.status, card.done, card.total, card.size) == (ExportStatus.QUEUED, 0, 0, None)
    with pytest.raises(NotFound):
        await blog.get_export_file(scope, card.id)
    assert await run_waiting() == 1
    card = await blog.get_export(scope, card.id)
    assert (card.status, card.done, card.total, card.failure) == (ExportStatus.DONE, 2, 2, None)
    assert card.expires_at is not None
    assert timedelta(days=6, hours=23) < card.expires_at - now() < timedelta(days=7)
    assert [name[-8:] for name in await names_in(scope, card.id)] == ["-salt.md", "n-tea.md"]
    assert card.size == (await blog.get_export_file(scope, card.id)).stored.size
    assert await run_waiting() == 0


async def test_nothing_is_a_file_too(scope: Scope, folder: Path) -> None:
    assert await names_in(scope, (await made(scope)).id) == []


async def test_of_an_organisation_one_is_made_at_a_time(scope: Scope, folder: Path) -> None:
    first, second = await asyncio.gather(blog.start_export(scope), blog.start_export(scope))
    assert first.id == second.id
    assert len(await all_jobs(RUN)) == 1
    elsewhere = await make_member(await make_organization(), Role.ADMIN)
    assert (await blog.start_export(elsewhere)).id != first.id
    await run_waiting()
    assert (await blog.start_export(scope)).id != first.id


async def test_the_next_one_takes_the_place_of_the_one_before(scope: Scope, folder: Path) -> None:
    first, second = await made(scope), await made(scope)
    assert [card.id for card in await blog.list_exports(scope)] == [second.id]
    with pytest.raises(NotFound):
        await blog.get_export_file(scope, first.id)
    assert len(files(folder)) == 1


async def test_who_looks_is_told_how_far_it_is(scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TELL_EVERY", 0)
    monkeypatch.setattr(batches, "BATCH", 2)
    heard: list[tuple[str, int, int]] = []

    def hear(_topic: str, event: object) -> None:
        if isinstance(event, ExportProgressed):
            heard.append((event.status, event.done, event.total))

    for _ in range(5):
        await make_post(scope)
    subscription = await blog.subscribe_exports(scope, hear)
    await made(scope)
    subscription.cancel()
    assert heard[:2] == [("queued", 0, 0), ("running", 0, 5)]
    assert heard[-1] == ("done", 5, 5)
    assert ("running", 4, 5) in heard


async def test_every_step_is_in_the_audit_trail(scope: Scope, folder: Path) -> None:
    card = await made(scope)
    again = await blog.start_export(scope)
    await blog.cancel_export(scope, again.id)
    async with transaction(SYSTEM) as session:
        query = sa.select(col(AuditLog.action), col(AuditLog.actor_id), col(AuditLog.subject_id))
        rows = (await (await session.connection()).execute(query.where(col(AuditLog.subject_type) == "export"))).all()
    assert sorted((row.action, row.subject_id) for row in rows) == [
        ("blog.export.cancelled", str(again.id)),
        ("blog.export.done", str(card.id)),
        ("blog.export.started", str(card.id)),
        ("blog.export.started", str(again.id)),
    ]
    assert {row.actor_id for row in rows} == {scope.user_id}


async def test_one_that_waits_is_called_off(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    assert (await blog.cancel_export(scope, card.id)).status == ExportStatus.CANCELLED
    assert await run_waiting() == 0
    with pytest.raises(Conflict):
        await blog.cancel_export(scope, card.id)
    assert (await blog.start_export(scope)).id != card.id


async def test_files_are_there_for_seven_days(scope: Scope, folder: Path) -> None:
    card = await made(scope)
    assert await blog.sweep_exports(SYSTEM) == 0
    await change(card.id, expires_at=now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        await blog.get_export_file(scope, card.id)
    assert len(files(folder)) == 1
    assert await blog.sweep_exports(SYSTEM) == 1
    assert await blog.list_exports(scope) == []
    assert files(folder) == []


async def test_what_came_to_nothing_is_forgotten_too_and_what_waits_is_not(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    await change(card.id, updated_at=now() - timedelta(days=8))
    assert await blog.sweep_exports(SYSTEM) == 0
    await blog.cancel_export(scope, card.id)
    assert await blog.sweep_exports(SYSTEM) == 0
    await change(card.id, updated_at=now() - timedelta(days=8))
    assert await blog.sweep_exports(SYSTEM) == 1


async def test_who_may_have_exports(scope: Scope, folder: Path) -> None:
    card = await made(scope)
    member = Scope((await make_member(await make_organization())).user_id, scope.org_id, Role.MODERATOR)
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    for who, error in (
        (member, Forbidden),
        (elsewhere, NotFound),
        (Scope(elsewhere.user_id, scope.org_id), NotFound),
        (Scope.anonymous(scope.org_id), Unauthenticated),
    ):
        for asking in (blog.get_export_file(who, card.id), blog.get_export(who, card.id)):
            with pytest.raises(error):
                await asking
    keyed = Scope(scope.user_id, scope.org_id, Role.ADMIN, grants=frozenset({Grant.READ, Grant.MANAGE}))
    assert (await blog.get_export_file(keyed, card.id)).stored.size
    with pytest.raises(Forbidden):
        await blog.start_export(keyed)


async def test_only_the_system_makes_and_sweeps(scope: Scope) -> None:
    card = await blog.start_export(scope)
    for refused in (
        blog.queue_lost_exports(scope),
        blog.run_queued_export(scope, card.id),
        blog.sweep_exports(scope),
    ):
        with pytest.raises(Forbidden):
            await refused
