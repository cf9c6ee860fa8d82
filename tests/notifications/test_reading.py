"""One's own notifications: shown with the rights one has now, counted, marked, and told to one's own tabs alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from myapp import accounts, blog, chat, notifications
from myapp.accounts import Organization, Visibility
from myapp.kit import pubsub
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.pagination import InvalidCursor
from myapp.kit.scope import Role, Scope
from myapp.notifications import AllNotificationsRead, NotificationCreated, NotificationsRead
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message, make_room
from tests.factories.notifications import sentences, told, username_of

SYSTEM = Scope.system("a test")


def topic(scope: Scope) -> str:
    assert scope.user_id is not None
    return notifications.topic_notifications(scope.user_id)


async def test_the_newest_comes_first_and_pages_follow_each_other(ada: Scope, mei: Scope) -> None:
    post = await make_post(ada)
    for number in range(5):
        await make_comment(mei, post, f"Comment {number}")
    page = await notifications.list_notifications(ada, limit=3)
    rest = await notifications.list_notifications(ada, limit=3, after=page.after)
    assert [card.excerpt for card in page.entries + rest.entries] == [
        f"Comment {number}" for number in range(4, -1, -1)
    ]
    assert rest.after is None


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "e30"])
async def test_a_cursor_that_is_none_is_refused(ada: Scope, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await notifications.list_notifications(ada, after=cursor)


async def test_they_come_from_all_organisations_that_one_belongs_to(ada: Scope, mei: Scope) -> None:
    assert ada.user_id is not None
    other = await make_organization()
    await accounts.create_membership(SYSTEM, other.id, ada.user_id, Role.MEMBER)
    there = Scope(ada.user_id, other.id, Role.MEMBER)
    neighbour = await make_member(other)
    await make_comment(mei, await make_post(ada, title="Here"))
    await make_comment(neighbour, await make_post(there, title="There"))
    cards = await told(Scope(ada.user_id))
    assert [card.place_name for card in cards] == ["There", "Here"]
    assert cards[0].org_name == other.name


async def test_a_private_room_that_one_has_left_is_not_quoted(ada: Scope, mei: Scope, owner: Scope) -> None:
    room = await make_room(ada, Visibility.PRIVATE, name="Den")
    for scope in (ada, mei):
        assert scope.user_id is not None
        await chat.add_member(owner, room.id, scope.user_id)
    await make_message(ada, room, f"@{await username_of(mei)}, sesame")
    assert await sentences(mei) == ["Ada mentioned you in Den"]
    assert mei.user_id is not None
    await chat.remove_member(owner, room.id, mei.user_id)
    assert await told(mei) == []


async def test_a_post_that_went_back_to_being_a_draft_is_not_quoted(ada: Scope, mei: Scope) -> None:
    post = await make_post(ada, title="Sesame")
    await make_comment(ada, post, f"@{await username_of(mei)}")
    await blog.unpublish_post(ada, post.id)
    assert await told(mei) == []


async def test_who_left_a_private_organisation_is_shown_nothing_of_it(ada: Scope) -> None:
    private = await make_organization(Visibility.PRIVATE)
    author, reader = await make_member(private), await make_member(private)
    await make_comment(author, await make_post(author, title="Sesame"), f"@{await username_of(reader)}")
    assert reader.user_id is not None
    await accounts.delete_membership(SYSTEM, private.id, reader.user_id)
    assert await told(Scope(reader.user_id)) == []


async def test_words_that_no_longer_name_one_are_not_quoted(ada: Scope, mei: Scope) -> None:
    room = await make_room(ada)
    message = await make_message(ada, room, f"@{await username_of(mei)}")
    await chat.update_message(ada, message.id, {"body": "Never mind"})
    comment = await make_comment(ada, await make_post(ada), f"@{await username_of(mei)}")
    assert len(await told(mei)) == 1
    await blog.update_comment(ada, comment.id, {"body": "Never mind"})
    assert await told(mei) == []


async def test_what_is_not_shown_is_not_counted_once_it_was_looked_for(ada: Scope, mei: Scope) -> None:
    post = await make_post(ada)
    await make_comment(ada, post, f"@{await username_of(mei)}")
    await blog.unpublish_post(ada, post.id)
    assert await notifications.count_unread(mei) == 1
    await notifications.list_notifications(mei)
    assert await notifications.count_unread(mei) == 0


async def test_some_are_marked_or_all_of_a_place_or_everything(ada: Scope, mei: Scope) -> None:
    posts = [await make_post(ada) for _ in range(3)]
    for post in (*posts, posts[1]):
        await make_comment(mei, post)
    cards = await told(ada)
    assert await notifications.count_unread(ada) == 4
    await notifications.mark_read(ada, [next(card.id for card in cards if card.place_id == posts[0].id)])
    assert await notifications.count_unread(ada) == 3
    await notifications.mark_place_read(ada, posts[1].id)
    assert await notifications.count_unread(ada) == 1
    await notifications.mark_all_read(ada)
    assert await notifications.count_unread(ada) == 0
    assert all(card.is_read for card in await told(ada))


async def test_ones_own_tabs_are_told_and_nobody_elses(ada: Scope, mei: Scope) -> None:
    heard: dict[str, list[object]] = {"ada": [], "mei": []}
    pubsub.subscribe(topic(ada), lambda _, event: heard["ada"].append(event))
    pubsub.subscribe(topic(mei), lambda _, event: heard["mei"].append(event))
    await make_comment(mei, await make_post(ada))
    [card] = await told(ada)
    await notifications.mark_read(ada, [card.id])
    await notifications.mark_read(ada, [card.id])
    await notifications.mark_all_read(ada)
    assert ada.user_id is not None
    assert heard == {
        "ada": [
            NotificationCreated(ada.user_id, card.id),
            NotificationsRead(ada.user_id, (str(card.id),)),
            AllNotificationsRead(ada.user_id),
        ],
        "mei": [],
    }


async def test_others_see_and_mark_nothing_of_mine(ada: Scope, mei: Scope, owner: Scope) -> None:
    await make_comment(mei, await make_post(ada))
    [card] = await told(ada)
    operator = Scope(owner.user_id, is_operator=True)
    for other in (mei, owner, operator, Scope(owner.user_id, ada.org_id, Role.OWNER)):
        assert await notifications.fetch_notifications(other, [card.id]) == []
        await notifications.mark_read(other, [card.id])
        await notifications.mark_place_read(other, card.place_id)
        await notifications.mark_all_read(other)
    assert await notifications.count_unread(ada) == 1


@pytest.mark.parametrize(
    ("scope", "refusal"), [(Scope.anonymous(), Unauthenticated), (SYSTEM, Forbidden)], ids=["a visitor", "the system"]
)
async def test_who_is_nobody_has_none(db: object, scope: Scope, refusal: type[Exception]) -> None:
    for call in (
        notifications.list_notifications(scope),
        notifications.fetch_notifications(scope, [new_id()]),
        notifications.count_unread(scope),
        notifications.mark_read(scope, [new_id()]),
        notifications.mark_place_read(scope, new_id()),
        notifications.mark_all_read(scope),
    ):
        with pytest.raises(refusal):
            await call


async def test_only_the_system_mails_and_prunes(ada: Scope) -> None:
    for call in (notifications.mail_unread(ada), notifications.prune_notifications(ada)):
        with pytest.raises(Forbidden):
            await call


async def test_a_page_costs_the_same_however_many_are_on_it(
    ada: Scope, mei: Scope, organization: Organization, assert_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    room = await make_room(ada)
    name = await username_of(ada)

    async def more(count: int) -> None:
        for number in range(count):
            await make_comment(mei, await make_post(ada), f"Comment {number}")
            await make_message(mei, room, f"@{name} {number}")

    async def cost() -> int:
        from myapp.kit.query_log import count_queries  # noqa: PLC0415

        with count_queries() as statements:
            await told(ada)
        return len([each for each in statements if "app.org_id" not in each])

    await more(1)
    few = await cost()
    await more(8)
    assert await cost() == few
    assert few <= 4
    with assert_queries(1):
        await notifications.count_unread(ada)


async def test_what_is_old_is_forgotten(ada: Scope, mei: Scope) -> None:
    from tests.factories.notifications import grow_old  # noqa: PLC0415

    await make_comment(mei, await make_post(ada))
    await grow_old(days=91)
    await make_comment(mei, await make_post(ada), "New")
    await notifications.prune_notifications(SYSTEM)
    assert [card.excerpt for card in await told(ada)] == ["New"]
