"""What this process is made of, whether it is well, and what its log has in memory."""

from __future__ import annotations

import pytest

from myapp import ops
from myapp.kit import cache, health, telemetry
from myapp.kit.clock import new_id, now
from myapp.kit.logs import Line, _setup
from myapp.kit.logs._ring import Ring
from myapp.kit.scope import Scope
from myapp.ops import LogPage
from myapp.ops.exchange import own_name

OPERATOR = Scope(new_id(), is_operator=True)


async def test_versions_name_what_there_is() -> None:
    versions = {each.name: each.version for each in await ops.list_versions(OPERATOR)}
    assert versions["reflex"].startswith("0.10")
    assert "Python" in versions


async def test_checks_say_what_is_not_well() -> None:
    async def broken() -> None:
        raise health.NotOk("no_tea")

    forget = health.register("tea", broken)
    try:
        found = {each.name: each.reason for each in await ops.list_checks(OPERATOR)}
    finally:
        forget()
    assert found["tea"] == "no_tea"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(_setup, "ring", ring)
    return ring


def said(page: LogPage) -> list[str]:
    assert (page.processes, page.silent) == ((own_name(),), ())
    return [each.line.message for each in page.lines]


async def test_the_log_is_read_by_request_words_and_what_went_wrong(lines: Ring) -> None:
    for level, message, request in (("info", "tea is up", "r1"), ("error", "no cake", "r1"), ("info", "other", "r2")):
        lines.add(Line(now(), level, "myapp.tea", message, {"request_id": request}))
    assert said(await ops.list_log_lines(OPERATOR, request_id="r1")) == ["tea is up", "no cake"]
    assert said(await ops.list_log_lines(OPERATOR, words="CAKE")) == ["no cake"]
    assert said(await ops.list_errors(OPERATOR)) == ["no cake"]
    assert said(await ops.list_log_lines(OPERATOR)) == ["other", "no cake", "tea is up"]


async def test_caches_and_breakers_are_listed_by_name() -> None:
    tags = cache.Cache("tea tags", of=tuple[str, ...])
    async with telemetry.running([]):
        stores = (await ops.get_stores(OPERATOR)).found
    assert stores is not None
    assert tags.name in [each.name for each in stores.caches]
    assert [each.name for each in stores.caches] == sorted(each.name for each in stores.caches)
    assert stores.services == []
