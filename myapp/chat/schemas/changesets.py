"""How rooms and messages may change: the rules that need nothing but the row and what was sent."""

from __future__ import annotations

from myapp.chat.schemas.messages import MAX_BODY, MAX_CLIENT_ID, Message
from myapp.chat.schemas.rooms import ChatRoom
from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.clock import new_id
from myapp.kit.slugs import slugify

MAX_NAME = 80
MAX_PURPOSE = 250


def room_changeset(room: ChatRoom, attrs: Attrs) -> Changeset[ChatRoom]:
    """What a form or an API may say of a room. Without a slug it gets one of its name when it is created."""
    changeset = (
        cast(room, attrs, ["name", "slug", "purpose", "visibility"])
        .update_change("name", _one_line)
        .update_change("purpose", _one_line)
        .update_change("slug", slugify)
        .validate_required("name")
        .validate_length("name", max=MAX_NAME)
        .validate_length("purpose", max=MAX_PURPOSE)
        .unique_constraint("slug", name="uq_chat_rooms_org_id_slug")
    )
    return changeset if changeset.get_change("slug") else changeset.delete_change("slug")


def message_changeset(message: Message, attrs: Attrs) -> Changeset[Message]:
    """The words of a message and, while it is new, its sender's name for it: one is made up where none is sent."""
    is_new = not message.client_id
    changeset = (
        cast(message, attrs, ["body", "client_id"] if is_new else ["body"])
        .update_change("body", str.strip)
        .validate_required("body")
        .validate_length("body", max=MAX_BODY)
        .validate_length("client_id", max=MAX_CLIENT_ID)
        .unique_constraint("client_id", name="uq_chat_messages_room_id_user_id_client_id")
    )
    if is_new and not changeset.get_change("client_id") and not changeset.has_error("client_id"):
        changeset = changeset.put_change("client_id", str(new_id()))
    return changeset


def _one_line(text: str) -> str:
    return " ".join(text.split())
