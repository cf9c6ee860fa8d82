"""One post: its text, what may be done with it, and what happens to it while it is being read."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import reflex as rx

from myapp import accounts, blog
from myapp.blog import MovedSlug, PostDetail
from myapp.kit import routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Role, Scope
from myapp.web.blog.files import NO_COVER, CoverRow, FileItem, cover_row, file_item
from myapp.web.blog.post.meta_pairs import MetaPair, meta_pairs
from myapp.web.blog.rows import TagLink, tag_links_of
from myapp.web.events import event, server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, scope_of
from myapp.web.shell import flash, push

PUBLISHING = "publishing"  # the id of the button that publishes the post, or takes it back


class PostState(rx.State):
    """What the reader sees of the post at this address."""

    path: str = ""  # the address the post was read for
    reading_topic: str = ""  # who else is here: for members of the organisation
    title: str = ""
    body_html: str = ""
    excerpt: str = ""
    author: str = ""
    author_avatar: str = ""
    author_url: str = ""
    at: str = ""
    edited_at: str = ""  # when the words last changed that readers had seen
    status: str = ""
    is_featured: bool = False
    is_changed: bool = False  # just now, while it was being read
    is_deleted: bool = False
    is_busy: bool = False
    comment_count: int = 0  # `CommentsState` counts again when there are more or fewer
    views: int = 0
    rank_overall: int = 0  # 0 until it is counted
    rank_of_author: int = 0
    tags: list[TagLink] = []
    cover: CoverRow = NO_COVER
    attachments: list[FileItem] = []
    meta: list[MetaPair] = []
    list_url: str = ""
    edit_url: str = ""
    can_edit: bool = False
    can_delete: bool = False
    can_publish: bool = False
    can_feature: bool = False
    can_transfer: bool = False
    _post_id: UUID | None = None
    _author_id: UUID | None = None

    @server_event
    async def load(self) -> Any:
        """Read the post; a former slug leads to the present one."""
        self._post_id = None
        scope = await scope_of(self)
        try:
            post = await blog.get_post(scope, argument(self, "post_slug"))
        except MovedSlug as moved:
            return rx.redirect(routes.post(argument(self, "org_slug"), moved.slug), replace=True)
        follow(self, blog.topic_posts(post.org_id), PostState.posts_changed)
        follow(self, accounts.topic_person(post.author_id), PostState.author_changed)
        self._show(scope, post)
        self.path, self.rank_overall, self.rank_of_author = path_of(self), 0, 0
        self.is_changed = self.is_deleted = self.is_busy = False
        self.reading_topic = f"reading:{post.id}" if scope.at_least(Role.MEMBER) else ""
        return PostState.load_rank

    def _show(self, scope: Scope, post: PostDetail) -> None:
        self._post_id, self._author_id = post.id, post.author_id
        self.title, self.body_html, self.excerpt = post.title, post.body_html, post.own_excerpt
        self.author_avatar = routes.avatar(post.author_avatar)
        self.author, self.author_url = post.author_name, routes.posts(post.org_slug, author=post.author_username)
        self.at = (post.published_at or post.updated_at).isoformat()
        self.edited_at = post.edited_at.isoformat() if post.edited_at else ""
        self.status, self.is_featured = post.status, post.is_featured
        self.comment_count, self.views = post.comment_count, post.view_count
        self.tags = tag_links_of(post)
        self.cover = cover_row(post.cover, post.org_id)
        self.attachments = [file_item(card, post.org_id) for card in post.attachments]
        self.meta = meta_pairs(post.meta)
        self.list_url, self.edit_url = routes.posts(post.org_slug), routes.edit_post(post.org_slug, post.slug)
        self._permit(scope, post)

    def _permit(self, scope: Scope, post: PostDetail) -> None:
        self.can_edit = blog.can(scope, "update_post", post)
        self.can_delete = blog.can(scope, "delete_post", post)
        self.can_publish = blog.can(scope, "publish_post", post)
        self.can_feature = blog.can(scope, "feature_post", post)
        self.can_transfer = blog.can(scope, "transfer_post", post)

    @server_event
    async def author_changed(self, _events: list[object]) -> None:
        """Whoever wrote it is called something else, or has another picture."""
        if self._post_id is not None and not self.is_deleted:
            post = await blog.get_post_by_id(await scope_of(self), self._post_id)
            self.author, self.author_avatar = post.author_name, routes.avatar(post.author_avatar)
            self.author_url = routes.posts(post.org_slug, author=post.author_username)

    @server_event
    async def load_rank(self) -> None:
        """Where the post stands by views: dear, so after it is shown."""
        if self._post_id is None or self.status != "published":
            return
        rank = (await blog.rank_posts(await scope_of(self), [self._post_id])).get(self._post_id)
        if rank:
            self.rank_overall, self.rank_of_author = rank.rank_overall, rank.rank_of_author

    @server_event
    async def posts_changed(self, events: list) -> Any:
        """A post of this organisation changed: if it is this one, show how."""
        mine = [each for each in events if not isinstance(each, blog.PostEvent) or each.post_id == self._post_id]
        if not mine or self._post_id is None:
            return
        if isinstance(mine[-1], blog.PostDeleted):
            self.is_deleted = True
            self.can_edit = self.can_delete = self.can_publish = self.can_feature = self.can_transfer = False
            return
        await self.read_again()

    def require_post(self) -> UUID:
        if self._post_id is None:
            raise NotFound
        return self._post_id

    def authors(self) -> Collection[UUID]:
        """Whose the post is: one person's, or nobody's any more."""
        return [self._author_id] if self._author_id else []

    async def read_again(self) -> None:
        scope = await scope_of(self)
        before = self.title, self.body_html, self.excerpt
        try:
            self._show(scope, await blog.get_post_by_id(scope, self.require_post()))
        except NotFound:
            self.is_deleted = True  # or taken back: for this reader it is the same
            return
        self.is_changed = before != (self.title, self.body_html, self.excerpt)

    @contextmanager
    def _busy(self) -> Generator[None]:
        """The page shows that something is under way, from the first `yield` on."""
        self.is_busy = True
        try:
            yield
        finally:
            self.is_busy = False

    @event
    async def publish(self) -> Any:
        """Let everybody read it."""
        with self._busy():
            yield
            await blog.publish_post(await scope_of(self), self.require_post())
            await self.read_again()
        yield [flash(_("Published.")), push("focus", PUBLISHING)]

    @event
    async def unpublish(self) -> Any:
        """Take it back to the drafts."""
        with self._busy():
            yield
            await blog.unpublish_post(await scope_of(self), self.require_post())
            await self.read_again()
        yield [flash(_("It is a draft again.")), push("focus", PUBLISHING)]

    @event
    async def toggle_featured(self) -> Any:
        """Put it forward on the organisation's front page, or no longer."""
        await blog.feature_post(await scope_of(self), self.require_post(), on=not self.is_featured)
        await self.read_again()
        return push("announce", _("Featured.") if self.is_featured else _("No longer featured."))

    @event
    async def delete(self) -> Any:
        """Delete it and go back to the list."""
        post_id, self._post_id = self.require_post(), None  # its own event is no news here
        with self._busy():
            yield
            try:
                await blog.delete_post(await scope_of(self), post_id)
            except BaseException:
                self._post_id = post_id  # it is still there
                raise
        yield [flash(_("“%(title)s” is deleted.") % {"title": self.title}), rx.redirect(self.list_url, replace=True)]
