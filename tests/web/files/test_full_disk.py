"""What is sent to a full disk is refused in words, leaves nothing behind, and hinders nobody afterwards."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from myapp.blog.imports import uploads
from myapp.kit import routes, storage
from myapp.kit.storage import LocalStorage
from tests.disks import SIZE, small_disk
from tests.factories.files import PDF
from tests.web.files.conftest import Site, lying

LARGE = PDF + bytes(2 * SIZE)
NO_ROOM = "cannot be kept, as there is no room left here. Try again later."


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.mark.parametrize("full", ["where it arrives", "where it is kept"])
async def test_a_file_that_finds_no_room_is_refused_and_the_next_that_does_is_kept(
    full: str,
    browser: httpx.AsyncClient,
    site: Site,
    disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    if full == "where it arrives":
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
    else:
        storage.use(LocalStorage(disk / "files"))
    address = f"{routes.upload_file(site.slug, 'attachment')}?filename=a.pdf"
    browser.cookies.update(await site.cookies_of(site.member) or {})

    refused = await browser.post(address, content=LARGE)

    assert (refused.status_code, refused.json()) == (507, {"errors": {"file": [NO_ROOM]}})
    assert lying(disk) == []
    assert [record.levelno for record in caplog.records if "disk is full" in record.message] == [logging.ERROR]
    assert (await browser.post(address, content=PDF)).status_code == 201


async def test_an_import_that_finds_no_room_is_refused_and_nothing_of_it_stays(
    browser: httpx.AsyncClient, site: Site, disk: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uploads, "upload_folder", lambda: disk / "imports")
    browser.cookies.update(await site.cookies_of(site.owner) or {})

    refused = await browser.post(f"{routes.upload_import(site.slug)}?filename=a.md", content=b"# Words\n" * SIZE)

    assert (refused.status_code, refused.json()) == (507, {"errors": {"detail": NO_ROOM}})
    assert lying(disk) == []
