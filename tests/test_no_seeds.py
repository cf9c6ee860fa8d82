"""When the demonstration is not loaded."""

from __future__ import annotations

import pytest

from myapp import accounts, seeds
from tests.factories.accounts import make_organization


@pytest.mark.usefixtures("db")
async def test_nothing_is_loaded_beside_what_is_there() -> None:
    await make_organization()
    assert not await seeds.load()
    assert await accounts.list_demo_users() == []
