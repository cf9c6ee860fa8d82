"""The three forms of a conversation: a comment, a reply to one, and other words for one's own."""

from __future__ import annotations

from typing import Any, override
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.blog.ids import as_id
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.events import event
from myapp.web.live.forms import FormState
from myapp.web.session import scope_of
from myapp.web.shell import push


class _WordsForm(FormState, mixin=True):
    """A form with two fields, `body` and `tags`."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await blog.change_comment(await scope_of(self), attrs)

    async def _show(self, comment_id: UUID) -> Any:
        """The conversation with what was just written, and the reader taken to it."""
        comments = await self.get_state(CommentsState)
        comments.leave_forms()
        await comments.show(await scope_of(self), [comment_id])
        self._fill({"body": "", "tags": ""})
        return [push("focus", f"comment-{comment_id}"), push("announce", _("Your comment is there."))]


class CommentForm(_WordsForm, rx.State):
    """Says something about the post."""

    @override
    async def _save(self, attrs: Attrs) -> Any:
        comments = await self.get_state(CommentsState)
        comment = await blog.create_comment(await scope_of(self), comments.require_post(), attrs)
        return await self._show(comment.id)


class ReplyForm(_WordsForm, rx.State):
    """Answers the comment whose form is open."""

    @override
    async def _save(self, attrs: Attrs) -> Any:
        comments = await self.get_state(CommentsState)
        answered = as_id(comments.answering)
        comment = await blog.create_comment(await scope_of(self), comments.require_post(), attrs, parent_id=answered)
        return await self._show(comment.id)


class EditForm(_WordsForm, rx.State):
    """Changes the comment whose form is open."""

    @event
    async def open(self, comment_id: str) -> None:
        """Show the form with the comment's words in it."""
        comments = await self.get_state(CommentsState)
        rows = [row for thread in comments.threads for row in (thread, *thread["replies"])]
        row = next((row for row in rows if row["id"] == comment_id), None)
        self._fill({"body": row["body"], "tags": ", ".join(row["tags"])} if row else {})
        comments.leave_forms()
        comments.editing = comment_id

    @override
    async def _save(self, attrs: Attrs) -> Any:
        comments = await self.get_state(CommentsState)
        comment = await blog.update_comment(await scope_of(self), as_id(comments.editing), attrs)
        return await self._show(comment.id)
