"""What tests of the queue share."""

from __future__ import annotations

import pytest

from tests.kit.jobs import workers


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    workers.reset()
