"""What becomes a notification: written in the transaction of the deed, which knows nothing of it.

So it is there when the deed is, whatever dies afterwards, and is not when the deed was rolled back. Nobody is told of
what they did themselves, and nobody twice of the same thing. Whether somebody may still see what they are told of is
asked when it is shown (`subjects.py`); here nobody is chosen who could not see it now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from myapp import blog, chat
from myapp.accounts import Membership, Organization, Visibility
from myapp.blog import Comment, CommentKind, Post, PostStatus
from myapp.kit import pubsub
from myapp.kit.clock import new_id
from myapp.kit.mentions import mentioned_in
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Condition, Values, fetch, pick
from myapp.notifications.events import NotificationCreated, NotificationDeleted, topic_notifications
from myapp.notifications.schemas import Kind, Notification


def install() -> None:
    """React to what the rooms tell from now on, in this process."""
    pubsub.react(chat.MessageCreated, _on_message)
    pubsub.react(chat.MessageUpdated, _on_message)
    pubsub.react(chat.MessageDeleted, _on_deleted_message)
    pubsub.react(chat.RoomDeleted, _on_deleted_room)
    pubsub.react(blog.CommentCreated, _on_comment)
    pubsub.react(blog.CommentUpdated, _on_comment)
    pubsub.react(blog.CommentDeleted, _on_deleted_comment)
    pubsub.react(blog.PostDeleted, _on_deleted_post)
    pubsub.react(blog.ImportEnded, _on_import)
    pubsub.react(blog.ExportEnded, _on_export)
    pubsub.react(blog.ExportsForgotten, _on_forgotten_exports)


async def _on_message(event: chat.MessageCreated | chat.MessageUpdated) -> None:
    """Whom it names: members who can read the room, as the chat has found out."""
    message = event.message
    people = dict.fromkeys(message.mentions, Kind.CHAT_MENTION)
    await _tell(message.org_id, message.user_id, message.id, message.room_id, people)


async def _on_deleted_message(event: chat.MessageDeleted) -> None:
    await _forget(event.message.org_id, col(Notification.subject_id) == event.message.id)


async def _on_deleted_room(event: chat.RoomDeleted) -> None:
    await _forget(event.org_id, col(Notification.place_id) == event.room_id)


async def _on_comment(event: blog.CommentCreated | blog.CommentUpdated) -> None:
    """Whom it names, whom it answers, and whose post it is under: each once, for the first of these reasons."""
    scope = _as_system(event.org_id)
    async with transaction(scope):
        found = await fetch(_comment(event.comment_id))
        if not found or found[0]["kind"] != CommentKind.COMMENT:
            return
        comment = found[0]
        if comment["hidden_at"] is not None:
            await _forget(event.org_id, col(Notification.subject_id) == event.comment_id)
            return
        people = dict.fromkeys(mentioned_in(comment["body_html"]), Kind.COMMENT_MENTION)
        if isinstance(event, blog.CommentCreated):
            for author_id in await _answered(event, comment):
                people.setdefault(author_id, Kind.COMMENT_REPLY)
            people.setdefault(comment["post_author_id"], Kind.POST_COMMENT)
        people = await _readers(event.org_id, comment, people)
    await _tell(event.org_id, comment["author_id"], event.comment_id, event.post_id, people)


def _comment(comment_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    above = sa.inspect(Comment).local_table.alias("above")
    return (
        pick(
            col(Comment.author_id), col(Comment.body_html), col(Comment.kind), col(Comment.hidden_at),
            above.c.author_id.label("above_author_id"),
            col(Post.author_id).label("post_author_id"), col(Post.status).label("post_status"),
            col(Organization.visibility).label("org_visibility"),
        )
        .join(Post, col(Post.id) == col(Comment.post_id))
        .join(Organization, col(Organization.id) == col(Comment.org_id))
        .outerjoin(above, above.c.id == col(Comment.parent_id))
        .where(col(Comment.id) == comment_id)
    )  # fmt: skip


async def _readers(org_id: UUID, comment: Values, people: dict[UUID, Kind]) -> dict[UUID, Kind]:
    """Those of these people who can read the post: drafts, and what is published for members, have few readers."""
    is_out = comment["post_status"] == PostStatus.PUBLISHED
    if is_out and comment["org_visibility"] == Visibility.PUBLIC:
        return people
    among = sa.and_(col(Membership.org_id) == org_id, col(Membership.user_id).in_(people))
    roles = await fetch(pick(col(Membership.user_id), col(Membership.role)).where(among))
    readers = {
        row["user_id"]
        for row in roles
        if is_out or Role(row["role"]).rank >= Role.MODERATOR.rank or row["user_id"] == comment["post_author_id"]
    }
    return {user_id: kind for user_id, kind in people.items() if user_id in readers}


async def _answered(event: blog.CommentCreated, comment: Values) -> list[UUID]:
    """Who wrote what is answered, and who began the thread that it is filed under."""
    authors = [comment["above_author_id"]]
    if event.answered_id not in {None, event.parent_id}:
        rows = await fetch(pick(col(Comment.author_id)).where(col(Comment.id) == event.answered_id))
        authors += [row["author_id"] for row in rows]
    return [author_id for author_id in authors if author_id is not None]


async def _on_deleted_comment(event: blog.CommentDeleted) -> None:
    await _forget(event.org_id, col(Notification.subject_id) == event.comment_id)


async def _on_deleted_post(event: blog.PostDeleted) -> None:
    await _forget(event.org_id, col(Notification.place_id) == event.post_id)


async def _on_import(event: blog.ImportEnded) -> None:
    """Who asked for it waits for it; one that ended before, and was gone on with, is news again."""
    await _forget(event.org_id, col(Notification.subject_id) == event.import_id)
    if event.user_id is not None:
        kind = Kind.IMPORT_DONE if event.status == blog.ImportStatus.DONE else Kind.IMPORT_FAILED
        details = {"filename": event.filename}
        await _tell(event.org_id, None, event.import_id, event.import_id, {event.user_id: kind}, details)


async def _on_export(event: blog.ExportEnded) -> None:
    """Who asked for it may have gone elsewhere meanwhile."""
    if event.user_id is not None:
        kind = Kind.EXPORT_DONE if event.status == blog.ExportStatus.DONE else Kind.EXPORT_FAILED
        await _tell(event.org_id, None, event.export_id, event.export_id, {event.user_id: kind})


async def _on_forgotten_exports(event: blog.ExportsForgotten) -> None:
    await _forget(event.org_id, col(Notification.subject_id).in_(event.export_ids))


async def _tell(
    org_id: UUID,
    actor_id: UUID | None,
    subject_id: UUID,
    place_id: UUID,
    people: Mapping[UUID, Kind],
    details: Mapping[str, str] | None = None,
) -> None:
    told = [user_id for user_id in people if user_id != actor_id]
    if not told:
        return
    same: Values = {
        "org_id": org_id, "actor_id": actor_id, "subject_id": subject_id, "place_id": place_id,
        "details": dict(details or {}),
    }  # fmt: skip
    ids = {user_id: new_id() for user_id in told}
    rows = [{**same, "id": ids[user_id], "user_id": user_id, "kind": people[user_id]} for user_id in told]
    async with transaction(_as_system(org_id)) as session:
        await session.exec(insert(Notification).values(rows).on_conflict_do_nothing())
        for user_id, notification_id in ids.items():
            broadcast(topic_notifications(user_id), NotificationCreated(user_id, notification_id))


async def _forget(org_id: UUID, condition: Condition) -> None:
    """What is gone, or hidden, nobody is told of any more."""
    gone = sa.delete(Notification).where(condition)
    async with transaction(_as_system(org_id)) as session:
        rows: sa.Result[tuple[UUID, UUID]] = await session.exec(
            gone.returning(col(Notification.user_id), col(Notification.id))
        )
        for user_id, notification_id in rows:
            broadcast(topic_notifications(user_id), NotificationDeleted(user_id, notification_id))


def _as_system(org_id: UUID) -> Scope:
    return Scope.system("tells people what concerns them", org_id)
