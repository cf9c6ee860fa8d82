"""What the conversation holds for the browser: one flat row a comment, with what this person may do with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict
from uuid import UUID

from myapp import blog
from myapp.blog import CommentCard
from myapp.kit.scope import Scope


class ReplyRow(TypedDict):
    """A comment. `standing` is "shown", "hidden" (by a moderator) or "deleted" (only its place is left)."""

    id: str
    key: str
    author: str
    author_url: str
    at: str
    is_edited: bool
    body: str
    body_html: str
    standing: str
    can_edit: bool
    can_delete: bool
    can_hide: bool
    is_changed: bool
    tags: list[str]


class CommentRow(ReplyRow):
    """A comment with the replies to it."""

    replies: list[ReplyRow]


def comment_row(scope: Scope, card: CommentCard, changed: Collection[UUID] = ()) -> CommentRow:
    """The card as a row; those in `changed` are tinted for two seconds."""
    return CommentRow(
        **_reply_row(scope, card, changed),
        replies=[_reply_row(scope, reply, changed) for reply in card.replies],
    )


def _reply_row(scope: Scope, card: CommentCard, changed: Collection[UUID]) -> ReplyRow:
    is_there = not card.is_deleted
    return ReplyRow(
        id=str(card.id),
        key=f"{card.id}-{card.updated_at.timestamp()}-{card.is_hidden}",
        author=card.author_name,
        author_url=card.author_url or "",
        at=card.inserted_at.isoformat(),
        is_edited=(card.updated_at - card.inserted_at).total_seconds() > 1,
        body=card.body,
        body_html=card.body_html,
        standing="deleted" if card.is_deleted else "hidden" if card.is_hidden else "shown",
        can_edit=is_there and blog.can(scope, "update_comment", card),
        can_delete=is_there and blog.can(scope, "delete_comment", card),
        can_hide=is_there and blog.can(scope, "hide_comment", card),
        is_changed=card.id in changed,
        tags=[tag.name for tag in card.tags],
    )
