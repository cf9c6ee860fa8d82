"""Writing a post and changing one: the form, its live preview, and what to do when somebody else was quicker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.blog import BodyFormat, Post, PostConflict, PostDetail, PostStatus
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.errors import Forbidden, Invalid
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Scope
from myapp.web.blog.post_form.conflict import DiffLine, differences
from myapp.web.blog.post_form.fields import attrs_of, fields_of
from myapp.web.events import event, server_event
from myapp.web.live.combobox import Suggestion, SuggestState
from myapp.web.live.forms import FormState, NotSaved
from myapp.web.session import argument, path_of, scope_of
from myapp.web.shell import flash, push

_SAID = {
    PostStatus.DRAFT: lambda: _("The draft is saved."),
    PostStatus.SCHEDULED: lambda: _("It is scheduled."),
    PostStatus.PUBLISHED: lambda: _("It is published."),
}


class PostFormState(SuggestState, FormState, rx.State):
    """One post being written. `values["status"]` is what it was; `chosen_status` what the person chooses."""

    path: str = ""
    is_new: bool = True
    title_then: str = ""
    preview_html: str = ""
    body_format: str = "markdown"
    chosen_status: str = "draft"
    is_published: bool = False
    may_publish: bool = True
    draft: str = ""  # tells what the browser keeps for this post from what it keeps for others
    post_url: str = ""
    has_conflict: bool = False
    conflict: list[DiffLine] = []
    _post_id: UUID | None = None
    _seen: int = 0  # the version of theirs that the person was shown: words saved after that are meant to win

    @server_event
    async def load_new(self) -> None:
        """An empty page."""
        scope = await scope_of(self)
        _permit(blog.can(scope, "write"))
        self.is_new, self.is_published, self._post_id, self.title_then = True, False, None, ""
        self.may_publish = True
        self.body_format = BodyFormat.MARKDOWN.value
        self.post_url, self.draft = routes.posts(argument(self, "org_slug")), "new"
        await self._begin(fields_of(None))

    @server_event
    async def load_post(self) -> None:
        """The post as it is now."""
        scope = await scope_of(self)
        post = await blog.get_post(scope, argument(self, "post_slug"))
        _permit(blog.can(scope, "update_post", post))
        await self._take(scope, post)

    async def _take(self, scope: Scope, post: PostDetail) -> None:
        self.is_new, self.is_published, self.title_then = False, post.status == PostStatus.PUBLISHED, post.title
        self.may_publish = blog.can(scope, "publish_post", post)
        self._post_id, self.draft, self.body_format = post.id, str(post.id), post.body_format.value
        self.post_url = routes.post(post.org_slug, post.slug)
        await self._begin(fields_of(post))

    async def _begin(self, values: dict[str, str]) -> None:
        if values != self.values or self.path != path_of(self):
            self._fill(values)  # a new connection alone must not take the field away in which somebody writes
        self._forget_suggestions()
        self.errors, self._seen = {}, 0
        self.chosen_status = values["status"]
        await self._show_preview(values)
        self.path, self.has_conflict, self.conflict = path_of(self), False, []

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        """What others filed their posts under."""
        tags = await blog.suggest_tags(await scope_of(self), words)
        return [Suggestion(value=tag.name, name=tag.name, hint="") for tag in tags]

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        self.chosen_status = str(attrs.get("status", self.chosen_status))
        await self._show_preview(attrs)
        return await blog.change_post(await scope_of(self), self._post_id, attrs_of(attrs, self._seen))

    @override
    async def _save(self, attrs: Attrs) -> Any:
        scope, wanted = await scope_of(self), attrs_of(attrs, self._seen)
        try:
            post = await self._write(scope, wanted)
        except Invalid:
            await self._show_preview(attrs)  # saving took the place of the check that would have shown it
            raise
        except PostConflict as conflict:
            await self._show_preview(attrs)
            return self._show_conflict(conflict.stored, attrs)
        self.has_conflict = False
        url = routes.post(argument(self, "org_slug"), post.slug)
        said = (
            _("Your changes are published.")
            if self.is_published and post.status == PostStatus.PUBLISHED
            else _SAID[post.status]()
        )
        return [flash(said), rx.redirect(url, replace=True)]

    async def _show_preview(self, attrs: Attrs) -> None:
        self.preview_html = await blog.preview(str(attrs.get("body", "")), BodyFormat(self.body_format))

    async def _write(self, scope: Scope, attrs: Attrs) -> Post:
        if self._post_id is None:
            return await blog.create_post(scope, attrs)
        return await blog.update_post(scope, self._post_id, attrs)

    def _show_conflict(self, theirs: PostDetail, attrs: Attrs) -> NotSaved:
        """Somebody saved it meanwhile: show how theirs differs. Saving again now means to keep one's own."""
        self._seen = theirs.version
        self.conflict = differences(fields_of(theirs), attrs)
        self.has_conflict = True
        return NotSaved(push("focus", "conflict"))

    @event
    async def take_theirs(self) -> Any:
        """Give up one's own words for those that were saved."""
        scope = await scope_of(self)
        if self._post_id is None:
            return None
        self.values = {}  # whatever is in the fields is to go
        await self._take(scope, await blog.get_post_by_id(scope, self._post_id))
        self.saved += 1  # the browser forgets what was typed
        return push("announce", _("This is their text now."))


def _permit(allowed: bool) -> None:
    if not allowed:
        raise Forbidden
