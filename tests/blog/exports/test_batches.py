"""What is read at once: not too many posts, and not too long ones."""

from __future__ import annotations

import pytest

from myapp.blog.exports import batches
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post

pytestmark = pytest.mark.usefixtures("db")


async def lengths(scope: Scope) -> list[int]:
    return [len(batch) async for batch in batches.list_batches(scope)]


async def test_a_batch_has_so_many_posts_or_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 3)
    monkeypatch.setattr(batches, "MOST_BYTES", 1000)
    monkeypatch.setattr(batches, "_PAGE", 4)
    scope = await make_member(await make_organization(), Role.ADMIN)
    assert await lengths(scope) == []
    for _ in range(4):
        await make_post(scope)
    assert await lengths(scope) == [3, 1]
    for body in ("ä" * 400, "b" * 300, "c" * 2000, "d" * 10):  # 800 bytes, 300, 2000, 10
        await make_post(scope, body=body)
    assert await lengths(scope) == [3, 1, 1, 1, 1, 1]


async def test_what_was_deleted_meanwhile_is_left_out() -> None:
    scope = await make_member(await make_organization(), Role.ADMIN)
    post, other = await make_post(scope), await make_post(await make_member(await make_organization()))
    [batch] = [each async for each in batches.list_batches(scope)]
    found = await batches.read_batch(scope, [*batch, other.id])
    assert [whole.post.id for whole in found] == [post.id]
