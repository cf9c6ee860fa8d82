"""The tags of an organisation, and the posts under one of them."""

from __future__ import annotations

import reflex as rx

from myapp import blog
from myapp.blog import PostFilters
from myapp.web.blog.listing import Listing
from myapp.web.blog.streams import posts_topic
from myapp.web.blog.tag_streams import tags_topic
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, scope_of


class TagsState(rx.State):
    """Which stream shows every tag that has a post the reader may read."""

    path: str = ""
    topic: str = ""

    @server_event
    async def load(self) -> None:
        """The stream keeps itself up to date."""
        self.topic = tags_topic(await scope_of(self), argument(self, "org_slug"))
        self.path = path_of(self)


class TagState(rx.State):
    """The tag in the address; the posts under it are a stream."""

    path: str = ""
    topic: str = ""
    name: str = ""
    count: int = 0

    def _listing(self) -> Listing:
        return Listing(PostFilters(tags=(argument(self, "tag_slug"),)))

    @server_event
    async def load(self) -> None:
        """The tag, and which stream shows its posts."""
        scope = await scope_of(self)
        tag = await blog.get_tag(scope, argument(self, "tag_slug"))
        follow(self, blog.topic_posts(scope.org_id), TagState.count_again)
        self.topic = posts_topic(scope, argument(self, "org_slug"), self._listing())
        self.name, self.count, self.path = tag.name, tag.post_count, path_of(self)

    @server_event
    async def count_again(self, _events: list) -> None:
        """How many posts are under it now."""
        self.count = await blog.count_posts(await scope_of(self), self._listing().filters)
