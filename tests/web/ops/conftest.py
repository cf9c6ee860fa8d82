"""The product's own app, and somebody who runs the site."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from myapp import ops
from myapp.accounts import User
from myapp.kit import telemetry
from myapp.metrics import metrics
from tests.factories.accounts import make_user
from tests.ops.trees import grown
from tests.web.blog.conftest import Site, site

__all__ = ["site"]


@pytest.fixture
async def operator(site: Site) -> User:
    return await make_user("Ona Operator", is_operator=True)


@pytest.fixture(autouse=True)
async def _measured() -> AsyncGenerator[None]:
    async with telemetry.running(metrics()), ops.answering("web"), grown():
        yield
