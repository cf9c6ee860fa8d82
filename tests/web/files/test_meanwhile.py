"""What somebody has begun to send or to read when they are logged out, taken out of the organisation, or demoted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import BadZipFile, ZipFile

import httpx
import pytest
from sqlmodel import select

from myapp import accounts
from myapp.accounts import Profile
from myapp.blog.exports.batches import read_batch
from myapp.blog.schemas import Attachment, Import
from myapp.config import load_settings
from myapp.kit import routes
from myapp.kit.errors import Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.web.api import long
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.factories.files import picture
from tests.web.files.conftest import Site, lying

type Deed = Callable[[Site, Scope], Awaitable[object]]


async def log_out(site: Site, scope: Scope) -> None:
    await accounts.end_sessions_of(SYSTEM, _id(scope))


async def take_out(site: Site, scope: Scope) -> None:
    await accounts.delete_membership(SYSTEM, site.organization.id, _id(scope))


async def demote(site: Site, scope: Scope) -> None:
    await accounts.update_membership(SYSTEM, site.organization.id, _id(scope), Role.MEMBER)


def _id(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id


async def admin_of(site: Site) -> Scope:
    """One who can go: the owner stays."""
    assert site.moderator.user_id is not None
    await accounts.update_membership(SYSTEM, site.organization.id, site.moderator.user_id, Role.ADMIN)
    return site.moderator


async def broken_by(deed: Deed, site: Site, scope: Scope, body: bytes) -> AsyncGenerator[bytes]:
    """A body in two pieces, between which the deed is done."""
    yield body[:10]
    await deed(site, scope)
    yield body[10:]


def imports_lying() -> list[Path]:
    return lying(load_settings().data_dir / "imports")


@pytest.mark.parametrize(("deed", "status"), [(log_out, 401), (take_out, 403), (demote, 403)])
async def test_a_file_to_import_that_comes_too_late_is_not_imported(
    browser: httpx.AsyncClient, site: Site, deed: Deed, status: int
) -> None:
    admin = await admin_of(site)
    browser.cookies.update(await site.cookies_of(admin) or {})
    before = imports_lying()
    address = routes.upload_import(site.slug) + "?filename=a.md"
    answer = await browser.post(address, content=broken_by(deed, site, admin, b"# Title\n\nA body of some words."))
    assert answer.status_code == status
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(Import))).all() == []
    assert imports_lying() == before


@pytest.mark.parametrize(("deed", "status"), [(log_out, 401), (take_out, 403)])
async def test_a_file_for_a_post_that_comes_too_late_is_not_kept(
    browser: httpx.AsyncClient, site: Site, files: Path, deed: Deed, status: int
) -> None:
    browser.cookies.update(await site.cookies_of(site.moderator) or {})
    address = routes.upload_file(site.slug, "attachment") + "?filename=a.png"
    answer = await browser.post(address, content=broken_by(deed, site, site.moderator, picture()))
    assert answer.status_code == status
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(Attachment))).all() == []
    assert lying(files) == []


async def test_a_picture_that_comes_too_late_is_nobodys(browser: httpx.AsyncClient, site: Site, files: Path) -> None:
    browser.cookies.update(await site.cookies_of(site.member) or {})
    answer = await browser.post(routes.upload_avatar(), content=broken_by(log_out, site, site.member, picture()))
    assert answer.status_code == 401
    assert lying(files) == []


async def test_who_has_deleted_the_account_gets_no_face_by_a_picture_that_was_under_way(
    site: Site, files: Path
) -> None:
    async def body() -> AsyncGenerator[bytes]:
        yield picture()
        await accounts.anonymise_person(site.member)

    with pytest.raises(Unauthenticated):
        await accounts.update_avatar(site.member, body())
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(Profile).where(Profile.user_id == site.member.user_id))).all() == []
    assert lying(files) == []


async def test_who_has_become_more_may_go_on(browser: httpx.AsyncClient, site: Site) -> None:
    async def promote(site: Site, scope: Scope) -> None:
        await accounts.update_membership(SYSTEM, site.organization.id, _id(scope), Role.ADMIN)

    browser.cookies.update(await site.cookies_of(site.member) or {})
    address = routes.upload_file(site.slug, "cover") + "?filename=a.png"
    answer = await browser.post(address, content=broken_by(promote, site, site.member, picture()))
    assert answer.status_code == 201


@pytest.mark.parametrize("deed", [log_out, take_out, demote])
async def test_a_download_ends_for_who_may_no_longer_read_it(
    browser: httpx.AsyncClient, site: Site, monkeypatch: pytest.MonkeyPatch, deed: Deed
) -> None:
    admin = await admin_of(site)
    monkeypatch.setattr(long, "EVERY", 0.0)
    monkeypatch.setattr("myapp.blog.exports.batches.BATCH", 1)
    for number in range(3):
        await make_post(site.owner, title=f"Post {number}")
    browser.cookies.update(await site.cookies_of(admin) or {})
    whole = await browser.get(f"/downloads/{site.slug}/posts.zip")
    assert len(ZipFile(BytesIO(whole.content)).namelist()) == 3

    async def slowly(scope: Scope, ids: Sequence[UUID]) -> object:
        monkeypatch.setattr("myapp.blog.exports.archive.read_batch", read_batch)
        found = await read_batch(scope, ids)
        await deed(site, admin)
        return found

    monkeypatch.setattr("myapp.blog.exports.archive.read_batch", slowly)
    broken = await browser.get(f"/downloads/{site.slug}/posts.zip")
    with pytest.raises(BadZipFile):
        ZipFile(BytesIO(broken.content))
