"""The three forms of a conversation: a comment, a reply to one, and other words for one's own.

What is new goes to the conversation's channel and is shown at once; what is changed is saved here.
"""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import blog
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.events import event
from myapp.web.ids import as_id
from myapp.web.live.forms import FieldsState, FormState
from myapp.web.session import scope_of
from myapp.web.shell import push


class _Words(FieldsState, mixin=True):
    """Two fields, `body` and `tags`."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await blog.change_comment(await scope_of(self), attrs)


class CommentForm(_Words, rx.State):
    """Says something about the post."""


class ReplyForm(_Words, rx.State):
    """Answers the comment whose form is open."""


class EditForm(FormState, rx.State):
    """Changes the comment whose form is open."""

    @event
    async def open(self, comment_id: str) -> None:
        """Show the form with the comment's words in it."""
        card = await blog.fetch_comment(await scope_of(self), as_id(comment_id))
        if card is None:
            raise NotFound
        self._fill({"body": card.body, "tags": ", ".join(tag.name for tag in card.tags)})
        comments = await self.get_state(CommentsState)
        comments.leave_forms()
        comments.editing = comment_id

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await blog.change_comment(await scope_of(self), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        comments = await self.get_state(CommentsState)
        comment = await blog.update_comment(await scope_of(self), as_id(comments.editing), attrs)
        comments.leave_forms()
        return [push("focus", f"comment-{comment.id}"), push("announce", _("Your comment is changed."))]
