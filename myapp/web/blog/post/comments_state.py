"""The comments of the post at this address, and what this person is about to do with one of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.query_log import repeats_allowed
from myapp.kit.scope import Scope
from myapp.web.blog.ids import as_id
from myapp.web.blog.post.comment_rows import CommentRow, comment_row
from myapp.web.blog.post.state import PostState
from myapp.web.events import event, server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import scope_of
from myapp.web.shell import push

STEP = 100  # threads read at once


class CommentsState(rx.State):
    """The conversation. `answering`, `editing` and `confirming` are ids of comments; at most one of them is set."""

    threads: list[CommentRow] = []
    mentions: list[CommentRow] = []
    mention_count: int = 0
    count: int = 0
    is_loaded: bool = False
    can_comment: bool = False
    answering: str = ""
    editing: str = ""
    confirming: str = ""
    has_more: bool = False
    _pages: int = 1
    _post_id: UUID | None = None

    @server_event
    async def load(self) -> None:
        """Read the comments; runs after the post's own load, which says when there is no such post."""
        try:
            self._post_id = (await self.get_state(PostState)).require_post()
        except NotFound:
            return
        scope = await scope_of(self)
        follow(self, blog.topic_comments(self._post_id), CommentsState.comments_changed)
        self.can_comment = blog.can(scope, "comment")
        self.leave_forms()
        self._pages = 1
        await self.show(scope)
        mentions = await blog.list_pingbacks(scope, self._post_id)
        self.mentions = [comment_row(scope, card) for card in mentions]
        self.mention_count = len(self.mentions)
        self.is_loaded = True

    async def show(self, scope: Scope, changed: Collection[UUID] = ()) -> None:
        """Read as many threads as are shown, again."""
        post_id, after, threads = self.require_post(), None, list[CommentRow]()
        with repeats_allowed():
            for _ in range(self._pages):
                page = await blog.list_comments(scope, post_id, after=after, limit=STEP)
                threads += [comment_row(scope, card, changed) for card in page.entries]
                after = page.after
        self.threads, self.has_more = threads, after is not None
        self.count = (await blog.count_comments(scope, [post_id]))[post_id]

    def require_post(self) -> UUID:
        if self._post_id is None:
            raise NotFound
        return self._post_id

    def leave_forms(self) -> None:
        self.answering = self.editing = self.confirming = ""

    @server_event
    async def comments_changed(self, events: list) -> Any:
        """Somebody commented, or changed, hid or deleted a comment."""
        if self._post_id is None:
            return None
        changed = {each.comment_id for each in events if isinstance(each, blog.CommentEvent)}
        before = self.count
        await self.show(await scope_of(self), changed)
        return push("announce", _("A new comment.")) if self.count > before else None

    @event
    async def show_more(self) -> None:
        """Read further threads."""
        self._pages += 1
        await self.show(await scope_of(self))

    @event
    def answer(self, comment_id: str) -> None:
        """Open the form for a reply under this comment."""
        self.leave_forms()
        self.answering = comment_id

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
        scope = await scope_of(self)
        await blog.delete_comment(scope, as_id(comment_id))
        self.leave_forms()
        await self.show(scope)
        return [push("focus", "comments"), push("announce", _("The comment is deleted."))]

    @event
    async def toggle_hidden(self, comment_id: str) -> Any:
        """Hide this comment from readers, or show it again."""
        scope = await scope_of(self)
        rows = [row for thread in self.threads for row in (thread, *thread["replies"])]
        is_hidden = any(row["id"] == comment_id and row["standing"] == "hidden" for row in rows)
        await blog.hide_comment(scope, as_id(comment_id), hidden=not is_hidden)
        await self.show(scope, [as_id(comment_id)])
        return push("announce", _("The comment is shown again.") if is_hidden else _("The comment is hidden."))
