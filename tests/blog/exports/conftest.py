"""What the tests of exports share: somebody who may export, and a folder for the files."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from myapp.kit import storage
from myapp.kit.scope import Role, Scope
from myapp.kit.storage import LocalStorage
from tests.factories.accounts import make_member, make_organization


@pytest.fixture
def folder(tmp_path: Path) -> Generator[Path]:
    """Where the storage of this process keeps exports."""
    storage.use(LocalStorage(tmp_path / "files"))
    yield tmp_path / "files" / "exports"
    storage.use(None)


@pytest.fixture
async def scope(real_db: str, folder: Path) -> Scope:
    return await make_member(await make_organization(), Role.ADMIN)
