"""Messages: in once, in order, cleaned; changed by their authors alone."""

from __future__ import annotations

import pytest
from sqlmodel import select

from myapp import accounts, chat
from myapp.accounts import Organization, User, Visibility
from myapp.chat import ChatRoom, MessageCreated, MessageDeleted, MessageUpdated
from myapp.kit.audit import AuditLog
from myapp.kit.errors import Forbidden, Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room


@pytest.fixture
async def room(ada: Scope) -> ChatRoom:
    return await make_room(ada)


async def errors_of(scope: Scope, room: ChatRoom, **attrs: object) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        await chat.create_message(scope, room.id, attrs)
    return refusal.value.errors


async def bodies(scope: Scope, room: ChatRoom, **where: int) -> list[str]:
    return [message.body for message in (await chat.list_messages(scope, room.id, **where)).entries]


async def test_a_message_says_what_a_row_needs(ada: Scope, room: ChatRoom) -> None:
    message = await chat.create_message(ada, room.id, {"body": " *hi* ", "client_id": "a1"})
    assert (message.user_id, message.user_name, message.client_id) == (ada.user_id, "Ada", "a1")
    assert (message.seq, message.body, message.body_html) == (1, "*hi*", "<p><em>hi</em></p>\n")
    assert (await chat.list_messages(ada, room.id)).entries == [message]


async def test_a_body_is_1_to_4000_characters(ada: Scope, room: ChatRoom) -> None:
    assert await errors_of(ada, room, body=" \n ") == {"body": ["can't be blank"]}
    assert await errors_of(ada, room) == {"body": ["can't be blank"]}
    assert await errors_of(ada, room, body="x" * 4001) == {"body": ["should be at most 4000 character(s)"]}
    assert await errors_of(ada, room, body={"a": 1}) == {"body": ["is invalid"]}
    assert await errors_of(ada, room, body="x\x00") == {"body": ["is invalid"]}
    assert await errors_of(ada, room, body="x", client_id="x" * 65) == {
        "client_id": ["should be at most 64 character(s)"]
    }
    assert (await make_message(ada, room, "x" * 4000)).seq == 1, "what was refused has left no gap"


async def test_what_is_sent_again_is_the_same_message_and_is_told_once(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    heard: list[object] = []
    subscription = await chat.subscribe_room(mei, room.id, lambda _, event: heard.append(event))
    first = await chat.create_message(ada, room.id, {"body": "one", "client_id": "a"})
    again = await chat.create_message(ada, room.id, {"body": "changed", "client_id": "a"})
    other = await chat.create_message(mei, room.id, {"body": "two", "client_id": "a"})
    subscription.cancel()
    assert again == first
    assert heard == [MessageCreated(first), MessageCreated(other)]
    assert await bodies(ada, room) == ["one", "two"]


async def test_without_a_name_of_the_senders_each_is_a_new_one(ada: Scope, room: ChatRoom) -> None:
    assert [(await make_message(ada, room, "same")).seq for _ in range(2)] == [1, 2]


async def test_messages_come_in_pages_by_number(ada: Scope, room: ChatRoom) -> None:
    for number in range(1, 8):
        await make_message(ada, room, f"{number}")
    assert await bodies(ada, room, limit=3) == ["5", "6", "7"]
    assert await bodies(ada, room, before_seq=5, limit=3) == ["2", "3", "4"]
    assert await bodies(ada, room, after_seq=2, limit=3) == ["3", "4", "5"]
    pages = [await chat.list_messages(ada, room.id, before_seq=seq, limit=3) for seq in (5, 4, 1)]
    assert [(len(page.entries), page.has_more) for page in pages] == [(3, True), (3, False), (0, False)]
    assert await bodies(ada, room, after_seq=-(2**70), before_seq=2**70, limit=-1) == ["1"]


async def test_hostile_text_is_shown_as_text(ada: Scope, room: ChatRoom) -> None:
    message = await make_message(ada, room, "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:a)")
    assert "<script" not in message.body_html
    assert "<img" not in message.body_html
    assert "href" not in message.body_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in message.body_html


async def test_members_are_mentioned_by_their_user_names(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    stranger = await make_member(await make_organization())
    names = {who: await username(scope) for who, scope in (("ada", ada), ("mei", mei), ("stranger", stranger))}
    message = await make_message(
        ada, room, f"@{names['mei'].upper()}, @{names['stranger']} @nobody a@{names['ada']}.org"
    )
    assert message.mentions == (mei.user_id,)
    changed = await chat.update_message(ada, message.id, {"body": f"(@{names['ada']})"})
    assert changed.mentions == (ada.user_id,)


@pytest.mark.parametrize("name", ["İrem_x", "ΣΑΣ", "STRAẞE", "ıspartak", "x" * 30])
async def test_who_has_a_name_with_letters_of_many_sizes_is_mentioned_by_it(
    ada: Scope, mei: Scope, room: ChatRoom, name: str
) -> None:
    """What Python takes for its small letters is another name than the database's."""
    async with transaction(SYSTEM) as session:
        (await session.get_one(User, mei.user_id)).username = name
    message = await make_message(ada, room, f"Hello @{name}. And @{name}?")
    assert message.mentions == (mei.user_id,)
    assert message.body_html.count(f'data-user="{mei.user_id}"') == 2


async def test_nobody_is_mentioned_in_code_or_by_the_beginning_of_a_word(
    ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    async with transaction(SYSTEM) as session:
        (await session.get_one(User, mei.user_id)).username = "x" * 30
    message = await make_message(ada, room, f"`@{'x' * 30}` and @{'x' * 31}")
    assert message.mentions == ()
    assert "data-user" not in message.body_html


async def test_in_a_private_room_only_who_is_in_it_is_mentioned(ada: Scope, mei: Scope) -> None:
    room = await make_room(ada, Visibility.PRIVATE)
    system = Scope.system("a test", ada.org_id)
    await chat.add_member(system, room.id, ada.user_id or room.id)
    text = f"@{await username(mei)} @{await username(ada)}"
    assert (await make_message(ada, room, text)).mentions == (ada.user_id,)


async def username(scope: Scope) -> str:
    assert scope.user_id is not None
    return (await accounts.get_user(scope, scope.user_id)).username


async def test_own_messages_are_changed_and_nobody_elses(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    message = await make_message(ada, room, "teh")
    changed = await chat.update_message(ada, message.id, {"body": "the", "client_id": "other"})
    assert (changed.body, changed.body_html, changed.version) == ("the", "<p>the</p>\n", 2)
    assert changed.edited_at is not None
    assert changed.client_id == message.client_id
    assert (await chat.update_message(ada, message.id, {"body": "the"})).version == 2
    with pytest.raises(Invalid):
        await chat.update_message(ada, message.id, {"body": ""})
    owner = Scope(mei.user_id, mei.org_id, Role.OWNER)
    with pytest.raises(Forbidden):
        await chat.update_message(owner, message.id, {"body": "mine"})


async def test_a_deleted_message_keeps_its_place_without_its_words(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    message = await make_message(ada, room, "oops")
    with pytest.raises(Forbidden):
        await chat.delete_message(mei, message.id)
    deleted = await chat.delete_message(ada, message.id)
    assert (deleted.seq, deleted.body, deleted.body_html, deleted.version) == (1, "", "", 2)
    assert deleted.deleted_at is not None
    assert (await chat.list_messages(ada, room.id)).entries == [deleted]
    for gone in (chat.update_message(ada, message.id, {"body": "x"}), chat.delete_message(ada, message.id)):
        with pytest.raises(NotFound):
            await gone


async def test_moderators_delete_what_others_wrote_and_it_is_on_record(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    moderator = Scope(mei.user_id, mei.org_id, Role.MODERATOR)
    mine, hers = await make_message(mei, room), await make_message(ada, room)
    for message in (mine, hers):
        await chat.delete_message(moderator, message.id)
    async with transaction(SYSTEM) as session:
        rows = (await session.exec(select(AuditLog).where(AuditLog.action == "chat.message.deleted"))).all()
    assert [(row.subject_id, row.actor_id) for row in rows] == [(str(hers.id), mei.user_id)]


async def test_listeners_hear_of_every_change_with_the_message(ada: Scope, mei: Scope, room: ChatRoom) -> None:
    heard: list[object] = []
    subscription = await chat.subscribe_room(mei, room.id, lambda _, event: heard.append(event))
    message = await make_message(ada, room, "teh")
    changed = await chat.update_message(ada, message.id, {"body": "the"})
    deleted = await chat.delete_message(ada, message.id)
    subscription.cancel()
    assert heard == [MessageCreated(message), MessageUpdated(changed), MessageDeleted(deleted)]


async def test_the_system_has_no_words_of_its_own(ada: Scope, room: ChatRoom) -> None:
    for refused in (
        chat.create_message(Scope.system("a test", ada.org_id), room.id, {"body": "x"}),
        chat.mark_read(Scope.system("a test"), room.id, 1),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_whom_a_message_names_is_marked_but_not_in_code_or_links_nor_strangers(
    organization: Organization, ada: Scope, room: ChatRoom
) -> None:
    mei = await make_member(organization, name="Mei")
    assert mei.user_id
    name = (await accounts.get_user(mei, mei.user_id)).username
    stranger = await make_member(await make_organization())
    assert stranger.user_id
    other = (await accounts.get_user(stranger, stranger.user_id)).username
    body = f"@{name.upper()}. and @{other}, `@{name}` [@{name}](https://example.com/@{name}) <b>@{name}</b>"
    html = (await chat.create_message(ada, room.id, {"body": body})).body_html
    marked = [f'<span class="mention" data-user="{mei.user_id}">@{each}</span>' for each in (name.upper(), name)]
    assert html.count("<span") == 2
    assert f"<p>{marked[0]}. and @{other}, <code>@{name}</code> <a " in html
    assert f"&lt;b&gt;{marked[1]}&lt;/b&gt;" in html
