"""How often something may be tried: exactly so often, for each name, in this process or in all of them."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from limits import RateLimitItemPerSecond

from myapp.kit import rate_limit
from myapp.kit.errors import RateLimited
from myapp.kit.rate_limit import Limit, OwnWindows, SharedWindows, Windows
from tests.kit.between import redis_server

__all__ = ["redis_server"]


@pytest.fixture
def three() -> Limit:
    """Of this test's own: Redis is shared by all of them."""
    return Limit(str(uuid4()), count=3, seconds=300)


@pytest.fixture(params=["own", "shared"])
async def windows(request: pytest.FixtureRequest) -> AsyncGenerator[Windows]:
    if request.param == "own":
        yield OwnWindows()
        return
    shared = SharedWindows(request.getfixturevalue("redis_server").url)
    yield shared
    await shared.close()


async def test_so_many_and_no_more(windows: Windows, three: Limit) -> None:
    rate_limit.use(windows)
    for _ in range(3):
        await rate_limit.spend(three, "ada", "192.0.2.1")
    with pytest.raises(RateLimited) as refused:
        await rate_limit.spend(three, "ada")
    assert 290 < refused.value.retry_after <= 300
    with pytest.raises(RateLimited):
        await rate_limit.spend(three, "mei", "192.0.2.1")
    await rate_limit.spend(three, "mei")
    await rate_limit.spend(Limit(three.name + "another", count=3, seconds=300), "ada")


async def test_what_was_refused_is_not_counted(windows: Windows) -> None:
    rate_limit.use(windows)
    once = Limit(str(uuid4()), count=1, seconds=300)
    await rate_limit.spend(once, "192.0.2.1")
    with pytest.raises(RateLimited):
        await rate_limit.spend(once, "mei", "192.0.2.1")
    await rate_limit.spend(once, "mei")


async def test_looking_counts_nothing(windows: Windows, three: Limit) -> None:
    rate_limit.use(windows)
    for _ in range(9):
        await rate_limit.check(three, "ada", None)
    await rate_limit.count(three, None)


async def test_a_try_is_forgotten_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    windows, item = OwnWindows(), RateLimitItemPerSecond(1, 60)
    await windows.add(item, "ada")
    moment = time.time()
    for seconds, waits in ((59, True), (61, False)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: moment + seconds)
        assert (await windows.wait_of(item, "ada") > 0) is waits
