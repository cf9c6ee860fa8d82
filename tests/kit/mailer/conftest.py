"""What tests of the outbox share."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests import peers


@pytest.fixture(autouse=True)
async def _no_process_is_left() -> AsyncGenerator[None]:
    async with peers.none_left():
        yield
