"""Who may read a cover or an attachment, and when what nobody can reach any more goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from myapp import blog
from myapp.accounts import Organization, Visibility
from myapp.blog import Attachment
from myapp.kit import storage
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.blog.files.conftest import content, lying, names_of, rows, send, send_cover, with_files
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.files import PDF, in_pieces


async def test_what_was_just_sent_is_its_senders_alone(ada: Scope, mei: Scope):
    card = await send(ada)
    assert await content(ada, card.key) == PDF
    owner = await make_member(await _organization_of(ada), Role.OWNER)
    for other in (mei, owner, Scope.anonymous(ada.org_id), Scope(ada.user_id)):
        with pytest.raises(NotFound):
            await blog.get_file(other, card.key)


async def test_a_file_is_read_by_whoever_reads_its_post(ada: Scope, mei: Scope):
    draft = await send(ada)
    post = await with_files(ada, draft, status="draft")
    visitor = Scope.anonymous(ada.org_id)
    for scope in (mei, visitor):
        with pytest.raises(NotFound):
            await blog.get_file(scope, draft.key)

    await blog.publish_post(await make_member(await _organization_of(ada), Role.OWNER), post.id)

    for scope in (ada, mei, visitor, Scope.anonymous()):
        assert await content(scope, draft.key) == PDF


async def test_files_of_a_private_organisation_are_its_members_alone(db: AsyncConnection):
    private = await make_organization(Visibility.PRIVATE)
    member = await make_member(private)
    cover = await send_cover(member)
    await with_files(member, cover)
    name = storage.variant(cover.key, 640)
    stranger = await make_member(await make_organization(), Role.OWNER)

    assert await content(member, name)
    for scope in (Scope.anonymous(private.id), Scope.anonymous(), stranger, Scope(stranger.user_id, private.id)):
        with pytest.raises(NotFound):
            await blog.get_file(scope, name)


@pytest.mark.parametrize("forged", ["", "covers/../../x", "avatars/" + "0" * 32 + ".webp", "/etc/passwd"])
async def test_a_forged_name_is_nothing(ada: Scope, forged: str):
    with pytest.raises(NotFound):
        await blog.get_file(ada, forged)


async def test_only_the_widths_there_are_are_found(ada: Scope):
    cover, attached = await send_cover(ada), await send(ada)
    for name in (cover.key, storage.variant(cover.key, 999), storage.variant(attached.key, 640)):
        with pytest.raises(NotFound):
            await blog.get_file(ada, name)


async def test_what_was_never_saved_is_swept_after_a_day_and_nothing_else(ada: Scope, files: Path):
    kept, forgotten, fresh = await send_cover(ada), await send_cover(ada), await send(ada)
    await with_files(ada, kept)
    await _age(forgotten.id, hours=25)
    await _age(kept.id, hours=25)

    assert await blog.sweep_files(SYSTEM) == 1

    assert lying(files) == names_of(kept, fresh)
    assert {row.id for row in await rows()} == {kept.id, fresh.id}


async def test_what_no_row_names_is_swept_from_the_storage(ada: Scope, files: Path):
    card = await send(ada)
    orphan = storage.new_key("attachments", "pdf")
    await storage.current().put(orphan, in_pieces(PDF))
    assert await blog.sweep_files(SYSTEM) == 0
    await with_files(ada, card)

    assert await blog.sweep_files(SYSTEM, kept=timedelta(seconds=-5)) == 1

    assert lying(files) == [card.key]


async def test_only_the_system_sweeps(ada: Scope):
    owner = await make_member(await _organization_of(ada), Role.OWNER)
    for scope in (ada, owner, Scope.anonymous(), Scope.system("elsewhere", ada.org_id)):
        with pytest.raises(Forbidden):
            await blog.sweep_files(scope)


async def _organization_of(scope: Scope) -> Organization:
    async with transaction(SYSTEM) as session:
        return (await session.exec(select(Organization).where(Organization.id == scope.org_id))).one()


async def _age(file_id: UUID, *, hours: int) -> None:
    async with transaction(SYSTEM) as session:
        older = sa.func.now() - timedelta(hours=hours)
        await session.exec(sa.update(Attachment).where(col(Attachment.id) == file_id).values(inserted_at=older))
