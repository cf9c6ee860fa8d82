"""What the tests of whole imports share."""

from __future__ import annotations

from pathlib import Path

import pytest

from myapp.kit.names import _registrar
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization


@pytest.fixture
async def scope(names_held: None) -> Scope:
    return await make_member(await make_organization(), Role.ADMIN)


@pytest.fixture
def path(scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an upload of the organisation would lie."""
    monkeypatch.setenv("MYAPP_DATA_DIR", str(tmp_path))
    folder = tmp_path / "imports" / str(scope.org_id)
    folder.mkdir(parents=True)
    return folder / "export.xml"


@pytest.fixture
def dead_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets the name of a process that the test has ended need not wait until that one has surely stepped down."""
    monkeypatch.setattr(_registrar, "STEP_DOWN", -_registrar.LEASE)
