"""Which stream shows the comments of the post at this address, and what this person is about to do with one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.blog import PostStatus
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.web.blog.comment_streams import conversation_topic
from myapp.web.blog.post.comment_rows import CommentRow, comment_row
from myapp.web.blog.post.state import PostState
from myapp.web.events import event, server_event
from myapp.web.ids import as_id
from myapp.web.live.subscriptions import follow
from myapp.web.session import path_of, scope_of
from myapp.web.shell import push

MENTIONS = 100  # shown at most


class CommentsState(rx.State):
    """The conversation. `answering`, `editing` and `confirming` are ids of comments; at most one of them is set."""

    path: str = ""  # the address it was loaded for
    topic: str = ""
    me: str = ""  # the id of the member who reads, by which they know their own comments
    mentions: list[CommentRow] = []
    mention_count: int = 0
    can_comment: bool = False
    can_moderate: bool = False
    answering: str = ""
    editing: str = ""
    confirming: str = ""
    _post_id: UUID | None = None

    @server_event
    async def load(self) -> None:
        """Say where the comments are; runs after the post's own load, which says when there is no such post."""
        post = await self.get_state(PostState)
        try:
            self._post_id = post.require_post()
        except NotFound:
            return
        scope = await scope_of(self)
        follow(self, blog.topic_comments(self._post_id), CommentsState.comments_changed)
        is_published = post.status == PostStatus.PUBLISHED
        self.topic = conversation_topic(scope, self._post_id, is_published=is_published)
        self.me = str(scope.user_id) if scope.is_member else ""
        self.can_comment, self.can_moderate = blog.can(scope, "comment"), blog.can(scope, "moderate")
        self.leave_forms()
        await self.comments_changed([])
        mentions = await blog.list_pingbacks(scope, self._post_id, limit=MENTIONS)
        self.mentions = [comment_row(card) for card in mentions]
        self.mention_count = len(self.mentions)
        self.path = path_of(self)

    @server_event
    async def comments_changed(self, _events: list) -> None:
        """Somebody commented, or changed, hid or deleted a comment: the stream shows it, and there may be more."""
        if self._post_id is not None:
            count = (await blog.count_comments(await scope_of(self), [self._post_id]))[self._post_id]
            (await self.get_state(PostState)).comment_count = count

    def leave_forms(self) -> None:
        self.answering = self.editing = self.confirming = ""

    @event
    def answer(self, comment_id: str) -> None:
        """Open the form for a reply under this comment."""
        self.leave_forms()
        self.answering = comment_id

    @event
    def answered(self) -> None:
        """The reply is there: close its form."""
        self.leave_forms()

    @event
    def ask_delete(self, comment_id: str) -> None:
        """Ask once before deleting this comment."""
        self.leave_forms()
        self.confirming = comment_id

    @event
    def leave(self) -> Any:
        """Close whatever is open, and go back to the comment."""
        comment_id = self.answering or self.editing or self.confirming
        self.leave_forms()
        return push("focus", f"comment-{comment_id}")

    @event
    async def delete(self, comment_id: str) -> Any:
        """Delete this comment; where it has replies, its place stays."""
        await blog.delete_comment(await scope_of(self), as_id(comment_id))
        self.leave_forms()
        return [push("focus", "comments"), push("announce", _("The comment is deleted."))]

    @event
    async def toggle_hidden(self, comment_id: str) -> Any:
        """Hide this comment from readers, or show it again."""
        scope = await scope_of(self)
        card = await blog.fetch_comment(scope, as_id(comment_id))
        is_hidden = card is not None and card.is_hidden
        await blog.hide_comment(scope, as_id(comment_id), hidden=not is_hidden)
        return push("announce", _("The comment is shown again.") if is_hidden else _("The comment is hidden."))
