"""What the conversation is for the browser: one flat row a comment, the same for everybody in its audience."""

from __future__ import annotations

from typing import TypedDict

from myapp.blog import CommentCard
from myapp.kit import routes


class CommentRow(TypedDict):
    """A comment. `standing` is "shown", "hidden" (by a moderator) or "deleted" (only its place is left).

    `client_id` is what its sender called it, so that their browser knows it again.
    """

    id: str
    client_id: str
    author: str
    author_id: str
    author_avatar: str
    author_url: str
    at: str
    is_edited: bool
    is_reply: bool
    body_html: str
    standing: str
    tags: list[str]


def comment_row(card: CommentCard) -> CommentRow:
    """The card as a row."""
    return CommentRow(
        id=str(card.id),
        client_id=str(card.client_id or ""),
        author=card.author_name,
        author_id=str(card.author_id or ""),
        author_avatar=routes.avatar(card.author_avatar),
        author_url=card.author_url or "",
        at=card.inserted_at.isoformat(),
        is_edited=card.edited_at is not None,
        is_reply=card.parent_id is not None,
        body_html=card.body_html,
        standing="deleted" if card.is_deleted else "hidden" if card.is_hidden else "shown",
        tags=[tag.name for tag in card.tags],
    )
