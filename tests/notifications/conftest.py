"""What the rooms tell becomes notifications here, as in a running application."""

from __future__ import annotations

import pytest

from myapp import notifications
from myapp.accounts import Organization
from myapp.kit.pubsub import PubSub
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member


@pytest.fixture(autouse=True)
def _installed(hub: PubSub) -> None:
    notifications.install()


@pytest.fixture
async def owner(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER, name="Olga")
