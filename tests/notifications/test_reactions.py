"""Who is told of what: in the transaction of the deed, each once, never of one's own deeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from myapp import blog, chat, notifications
from myapp.accounts import Organization, Visibility
from myapp.blog import Post
from myapp.chat import ChatRoom
from myapp.kit import pubsub
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import savepoint, transaction
from myapp.kit.scope import Role, Scope
from myapp.notifications import Kind
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message, make_room
from tests.factories.notifications import sentences, told, username_of


@pytest.fixture
async def post(ada: Scope) -> Post:
    return await make_post(ada, title="On tea")


@pytest.fixture
async def room(ada: Scope) -> ChatRoom:
    return await make_room(ada, name="Kitchen")


async def test_who_is_named_in_the_chat_is_told(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    await make_message(ada, room, f"@{await username_of(mei)}, is there tea?")
    [card] = await told(mei)
    assert (card.sentence, card.kind, card.is_read) == ("Ada mentioned you in Kitchen", Kind.CHAT_MENTION, False)
    assert card.excerpt.endswith("is there tea?")
    assert card.path.endswith(f"/chat/{room.slug}")


async def test_nobody_is_told_of_what_they_did_themselves(ada: Scope, room: ChatRoom, post: Post) -> None:
    await make_message(ada, room, f"@{await username_of(ada)}, remember the milk")
    comment = await make_comment(ada, post, f"A word to @{await username_of(ada)}")
    await make_comment(ada, post, "An answer to myself", parent_id=comment.id)
    assert await told(ada) == []


async def test_a_message_that_is_sent_again_is_told_of_once(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    attrs = {"body": f"@{await username_of(mei)}!", "client_id": "the same"}
    for _ in range(2):
        await chat.create_message(ada, room.id, attrs)
    assert len(await told(mei)) == 1


async def test_who_is_named_by_a_change_is_told_and_nobody_a_second_time(
    ada: Scope, mei: Scope, organization: Organization, room: ChatRoom
) -> None:
    third = await make_member(organization)
    message = await make_message(ada, room, f"@{await username_of(mei)}")
    await chat.update_message(ada, message.id, {"body": f"@{await username_of(mei)} @{await username_of(third)}"})
    assert len(await told(mei)) == len(await told(third)) == 1


async def test_whose_post_is_commented_on_is_told(ada: Scope, mei: Scope, post: Post) -> None:
    comment = await make_comment(mei, post, "I prefer coffee.")
    [card] = await told(ada)
    assert (card.sentence, card.excerpt) == ("Mei commented on “On tea”", "I prefer coffee.")
    assert card.path.endswith(f"/posts/{post.slug}#comment-{comment.id}")


async def test_whose_comment_is_answered_is_told(ada: Scope, mei: Scope, owner: Scope, post: Post) -> None:
    comment = await make_comment(mei, post)
    reply = await make_comment(owner, post, parent_id=comment.id)
    assert await sentences(mei) == ["Olga replied to you under “On tea”"]
    await make_comment(mei, post, "To the reply, not to the comment", parent_id=reply.id)
    assert await sentences(owner) == ["Mei replied to you under “On tea”"]


async def test_who_is_named_in_a_comment_is_told_of_that_first(ada: Scope, mei: Scope, post: Post) -> None:
    await make_comment(mei, post, f"@{await username_of(ada)}, which leaves?")
    assert await sentences(ada) == ["Mei mentioned you under “On tea”"]


async def test_who_could_not_read_it_is_not_told(ada: Scope, mei: Scope, owner: Scope) -> None:
    draft = await make_post(ada, title="Not yet", status="draft")
    await make_comment(ada, draft, f"@{await username_of(mei)} @{await username_of(owner)}, too early?")
    assert await notifications.count_unread(mei) == 0
    assert await sentences(owner) == ["Ada mentioned you under “Not yet”"]


async def test_whose_comment_is_answered_under_what_is_a_draft_again_is_not_told(
    ada: Scope, mei: Scope, owner: Scope, post: Post
) -> None:
    comment = await make_comment(mei, post)
    await blog.unpublish_post(ada, post.id)
    await make_comment(owner, post, parent_id=comment.id)
    assert await notifications.count_unread(mei) == 0
    assert await notifications.count_unread(ada) == 2


async def test_nobody_is_told_of_names_in_code(ada: Scope, mei: Scope, post: Post, room: ChatRoom) -> None:
    await make_comment(ada, post, f"`@{await username_of(mei)}`")
    await make_message(ada, room, f"`@{await username_of(mei)}`")
    assert await notifications.count_unread(mei) == 0


async def test_somebody_of_another_organisation_is_not_told(ada: Scope, post: Post, room: ChatRoom) -> None:
    stranger = await make_member(await make_organization())
    await make_comment(ada, post, f"@{await username_of(stranger)}")
    await make_message(ada, room, f"@{await username_of(stranger)}")
    assert await notifications.count_unread(stranger) == 0


async def test_what_is_deleted_or_hidden_is_told_of_no_more(
    ada: Scope, mei: Scope, owner: Scope, post: Post, room: ChatRoom
) -> None:
    name = await username_of(mei)
    message = await make_message(ada, room, f"@{name}")
    comments = [await make_comment(ada, post, f"@{name} number {number}") for number in range(2)]
    assert await notifications.count_unread(mei) == 3
    await chat.delete_message(ada, message.id)
    await blog.delete_comment(ada, comments[0].id)
    await blog.hide_comment(owner, comments[1].id)
    assert await notifications.count_unread(mei) == 0


async def test_with_a_room_or_a_post_goes_what_was_told_of_it(
    ada: Scope, mei: Scope, owner: Scope, post: Post, room: ChatRoom
) -> None:
    await make_message(ada, room, f"@{await username_of(mei)}")
    await make_comment(ada, post, f"@{await username_of(mei)}")
    await chat.delete_room(owner, room.id)
    await blog.delete_post(owner, post.id)
    assert await notifications.count_unread(mei) == 0


async def test_who_asked_for_an_import_is_told_of_its_end(names_held: None, tmp_path: Path) -> None:
    asking = await make_member(await make_organization(), Role.OWNER)
    file = tmp_path / "post.md"
    file.write_text("---\ntitle: From elsewhere\n---\nThe words of it.\n", encoding="utf-8")
    card = await blog.import_file(replace(asking, reason="a test runs it"), file)
    assert await sentences(asking) == ["The import of post.md is done"]
    again = blog.ImportEnded(card.org_id, card.id, asking.user_id, "post.md", blog.ImportStatus.FAILED)
    async with transaction(asking):
        broadcast("imports", again)
    assert await sentences(asking) == ["The import of post.md has failed"]


async def test_a_deed_that_is_rolled_back_is_told_to_nobody(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    heard: list[object] = []
    assert mei.user_id is not None
    pubsub.subscribe(notifications.topic_notifications(mei.user_id), lambda _, event: heard.append(event))
    words = f"@{await username_of(mei)}"
    with pytest.raises(ZeroDivisionError):
        async with transaction(ada):
            await make_message(ada, room, words)
            raise ZeroDivisionError
    async with transaction(ada):
        with pytest.raises(ZeroDivisionError):
            async with savepoint():
                await make_message(ada, room, words)
                raise ZeroDivisionError
    assert await notifications.count_unread(mei) == 0
    assert heard == []


async def test_a_deed_whose_notification_cannot_be_written_is_not_done(ada: Scope, room: ChatRoom) -> None:
    async def fail(_event: object) -> None:
        raise ZeroDivisionError

    pubsub.react(chat.MessageCreated, fail)
    with pytest.raises(ZeroDivisionError):
        await make_message(ada, room)
    assert (await chat.list_messages(ada, room.id)).entries == []


async def test_what_is_told_outside_of_a_transaction_asks_for_no_reaction(ada: Scope, room: ChatRoom) -> None:
    card = await make_message(ada, room)
    broadcast("somewhere", chat.MessageCreated(card))
    assert await notifications.count_unread(ada) == 0


async def test_a_comment_costs_two_queries_more_and_a_message_that_names_nobody_none(
    ada: Scope, mei: Scope, post: Post, room: ChatRoom, hub: pubsub.PubSub
) -> None:
    from myapp.kit.query_log import count_queries  # noqa: PLC0415

    async def cost() -> tuple[int, int]:
        with count_queries() as comment:
            await make_comment(mei, post)
        with count_queries() as message:
            await make_message(mei, room)
        return len(comment), len(message)

    with_notifications = await cost()
    hub.reactions.clear()
    comment, message = await cost()
    assert with_notifications == (comment + 2, message)


async def test_members_of_a_private_organisation_are_told(db: object) -> None:
    private = await make_organization(Visibility.PRIVATE)
    author, reader = await make_member(private, name="Ann"), await make_member(private)
    post = await make_post(author, title="Secret")
    await make_comment(author, post, f"@{await username_of(reader)}")
    assert await sentences(reader) == ["Ann mentioned you under “Secret”"]
