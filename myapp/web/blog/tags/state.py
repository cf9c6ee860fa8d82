"""The tags of an organisation, and the posts under one of them."""

from __future__ import annotations

from typing import Any, TypedDict, override

import reflex as rx

from myapp import blog
from myapp.blog import PostCard, PostFilters
from myapp.kit import routes
from myapp.kit.pagination import KeysetPage
from myapp.kit.scope import Scope
from myapp.web.blog.listing import Listing
from myapp.web.blog.live_posts import LivePosts
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, query_of, scope_of


class TagRow(TypedDict):
    """A tag and how many posts are under it."""

    name: str
    url: str
    count: int


class TagsState(rx.State):
    """Every tag that has a post the reader may read."""

    path: str = ""
    tags: list[TagRow] = []

    @server_event
    async def load(self) -> None:
        """Read the tags, and again whenever posts change."""
        scope = await scope_of(self)
        follow(self, blog.topic_posts(scope.org_id), TagsState.posts_changed)
        await self._show(scope)
        self.path = path_of(self)

    async def _show(self, scope: Scope) -> None:
        org = argument(self, "org_slug")
        self.tags = [
            TagRow(name=tag.name, url=routes.tag(org, tag.slug), count=tag.post_count)
            for tag in await blog.list_tags(scope)
        ]

    @server_event
    async def posts_changed(self, _events: list) -> None:
        """Posts came, went or changed their tags."""
        await self._show(await scope_of(self))


class TagState(LivePosts, rx.State):
    """The posts under the tag in the address."""

    name: str = ""
    count: int = 0
    newer: str = ""
    older: str = ""

    def _listing(self) -> Listing:
        """Of the query only the page counts here."""
        asked = Listing.parse(query_of(self))
        return Listing(PostFilters(tags=(argument(self, "tag_slug"),)), after=asked.after, before=asked.before)

    @override
    async def _page(self, scope: Scope) -> KeysetPage[PostCard]:
        listing = self._listing()
        return await blog.list_posts(scope, listing.filters, after=listing.after or None, before=listing.before or None)

    @override
    def _then(self) -> Any:
        return TagState.count_again

    @server_event
    async def load(self) -> None:
        """The tag and its posts."""
        scope = await scope_of(self)
        tag = await blog.get_tag(scope, argument(self, "tag_slug"))
        page = await self._arrive(scope)
        self.name, self.count = tag.name, tag.post_count
        self.older = self._url(after=page.after) if page.after else ""
        self.newer = self._url(before=page.before) if page.before else ""

    @server_event
    async def count_again(self) -> None:
        """How many posts are under it now."""
        self.count = await blog.count_posts(await scope_of(self), self._listing().filters)

    def _url(self, **page: str) -> str:
        return routes.tag(argument(self, "org_slug"), argument(self, "tag_slug"), **page)
