"""The directory of organisations, followed over a channel."""

from __future__ import annotations

from myapp import accounts
from myapp.accounts import Visibility
from myapp.kit.scope import Scope
from tests.factories.accounts import make_organization, make_user
from tests.web.channels.conftest import Follow, Follower
from tests.web.channels.test_post_lists import UNAUTHORIZED, UNMATCHED

SYSTEM = Scope.system("a test")


def names(reader: Follower) -> list[str]:
    return [row["name"] for row in reader.replica.window.rows]


async def test_organisations_come_by_name_are_renamed_and_go_when_they_become_private(
    db: object, follow: Follow
) -> None:
    reader = await follow("stream:organizations", descending=False)
    before = names(reader)

    await accounts.create_organization(SYSTEM, {"name": "Hidden", "slug": "hidden", "visibility": "private"})
    place = await accounts.create_organization(SYSTEM, {"name": "aardvark", "slug": "aardvark"})
    assert [operation[0] for operation in await reader.hears()] == ["insert"]
    assert names(reader) == ["aardvark", *before]

    await accounts.update_organization(SYSTEM, place.id, {"name": "Zebra"})
    await reader.hears()
    assert names(reader) == [*before, "Zebra"]

    await accounts.update_organization(SYSTEM, place.id, {"visibility": Visibility.PRIVATE})
    assert await reader.hears() == [["delete", str(place.id)]]


async def test_the_directory_has_pages(db: object, follow: Follow) -> None:
    for _ in range(25):
        await make_organization()
    reader = await follow("stream:organizations", descending=False)
    assert len(names(reader)) == 20
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert names(reader) == sorted(names(reader), key=str.lower)
    assert len(set(names(reader))) >= 25


async def test_operators_alone_follow_the_directory_of_all(db: object, follow: Follow) -> None:
    hidden = await make_organization(Visibility.PRIVATE)
    operator = await make_user(is_operator=True)
    reader = await follow("stream:organizations:all", Scope(user_id=operator.id), descending=False)
    assert hidden.name in names(reader)
    for who in (None, Scope(user_id=(await make_user()).id)):
        assert await (await follow("stream:organizations:all", who, joins=False)).join() == UNAUTHORIZED
    assert await (await follow("stream:organizations:members", joins=False)).join() == UNMATCHED
