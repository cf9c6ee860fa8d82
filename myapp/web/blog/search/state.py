"""Full-text search in an organisation: what was asked stands in the address, which stream answers it, and how many."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import blog
from myapp.web.blog.search.stream import search_topic, words_of
from myapp.web.events import server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, query_of, scope_of

UNKNOWN = -1


class SearchState(rx.State):
    """What is asked. The answers are a stream: no state holds them."""

    path: str = ""
    asked: str = ""
    topic: str = ""
    total: int = UNKNOWN
    is_all: bool = True  # whether no more than these fit: of a common word only the newest posts are ranked

    @server_event
    async def load(self) -> Any:
        """Say which stream answers what the address asks; its number follows, and that before stays until then."""
        scope = await scope_of(self)
        self.asked = words_of(query_of(self))
        self.topic = search_topic(scope, argument(self, "org_slug"), self.asked)
        follow(self, blog.topic_posts(scope.org_id), SearchState.posts_changed)
        if not self.asked or self.path != path_of(self):
            self.total = UNKNOWN
        self.path = path_of(self)
        return SearchState.load_count

    @server_event
    async def posts_changed(self, _events: list) -> Any:
        """Somebody wrote, changed or deleted posts: the stream shows it, and more or fewer may be found."""
        return SearchState.load_count

    @server_event(supersedes=True)
    async def load_count(self) -> None:
        """How many are found, once they are shown."""
        if self.asked:
            found = await blog.count_hits(await scope_of(self), self.asked)
            self.total, self.is_all = found.count, found.is_all or not found.count
