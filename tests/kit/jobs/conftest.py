"""What tests of the queue share."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests import peers
from tests.kit.jobs import workers


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    workers.reset()


@pytest.fixture(autouse=True)
async def _no_process_is_left() -> AsyncGenerator[None]:
    async with peers.none_left():
        yield
