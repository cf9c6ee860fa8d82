"""The product's endpoints, with an organisation and its people."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from myapp import myapp as product
from myapp.kit import images, storage
from myapp.kit.storage import LocalStorage
from tests.web.blog.conftest import Site, site
from tests.web.our_page import FORM_COOKIES, FROM_OUR_PAGE, ORIGIN

__all__ = ["Site", "site"]


@pytest.fixture(autouse=True)
async def files(tmp_path: Path) -> AsyncGenerator[Path]:
    """Where files lie."""
    folder = tmp_path / "files"
    storage.use(LocalStorage(folder))
    async with images.running(workers=1):
        yield folder
    storage.use(None)


@pytest.fixture
async def browser() -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=product.api)
    ours = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FROM_OUR_PAGE, cookies=FORM_COOKIES)
    async with ours as client:
        yield client


def lying(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
