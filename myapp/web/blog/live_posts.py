"""A page of posts that keeps itself up to date: what every page with a list of posts shares.

    class TagState(LivePosts, rx.State):
        async def _page(self, scope: Scope) -> KeysetPage[PostCard]:
            return await blog.list_posts(scope, PostFilters(tags=(argument(self, "tag_slug"),)))

        @server_event
        async def load(self) -> None:
            await self._arrive(await scope_of(self))

Whenever a post of the organisation is written, changed, published or deleted, by whomever, the page is read again with
the reader's own scope. At the top of the list that shows at once; further down, what is new waits behind a pill, and
only posts that were there already change in place, so nothing moves under the reader's eyes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.blog import PostCard
from myapp.kit.pagination import KeysetPage
from myapp.kit.scope import Scope
from myapp.web.blog.rows import PostRow, post_rows
from myapp.web.events import event, server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import path_of, scope_of
from myapp.web.shell import push

LIST_ID = "posts"  # the list's element


class LivePosts(rx.State, mixin=True):
    """Holds one page of posts."""

    path: str = ""  # the address the rows were read for
    rows: list[PostRow] = []
    waiting: int = 0  # new posts the reader has not been shown yet
    news: str = ""  # "added", "changed" or "removed": what has just happened, for those who cannot see it
    news_title: str = ""
    _is_away: bool = False  # from the top of the list

    async def _page(self, scope: Scope) -> KeysetPage[PostCard]:
        """The posts that the address asks for."""
        raise NotImplementedError

    async def _arrive(self, scope: Scope) -> KeysetPage[PostCard]:
        """Follow the organisation's posts and show the page, in this order: nothing can slip in between."""
        follow(self, blog.topic_posts(scope.org_id), self.__class__.posts_changed)
        page = await self._page(scope)
        self.rows = post_rows(page.entries)
        self.path, self.waiting, self.news, self._is_away = path_of(self), 0, "", False
        return page

    def _then(self) -> Any:
        """What follows once a change is shown, such as counting again."""
        return None

    @server_event
    async def posts_changed(self, events: list) -> Any:
        """Somebody wrote, changed or deleted posts, or an import brought many."""
        touched = {each.post_id for each in events if isinstance(each, blog.PostEvent)}  # else: many at once
        before = {UUID(row["id"]): row for row in self.rows}
        page = await self._page(await scope_of(self))
        if self._is_away:
            self._hold_back(page.entries, touched)
        else:
            self.rows = post_rows(page.entries, changed=touched)
        self._tell(before, page.entries, touched)
        return self._then()

    def _hold_back(self, cards: Sequence[PostCard], touched: Collection[UUID]) -> None:
        """Change what is shown already; count what is new; drop what is gone."""
        fresh = {row["id"]: row for row in post_rows(cards, changed=touched)}
        shown = {row["id"] for row in self.rows}
        gone = {str(each) for each in touched} - fresh.keys()
        self.rows = [fresh.get(row["id"], row) for row in self.rows if row["id"] not in gone]
        self.waiting = len(fresh.keys() - shown)

    def _tell(self, before: dict[UUID, PostRow], cards: Sequence[PostCard], touched: Collection[UUID]) -> None:
        now = {card.id: card.title for card in cards}
        for post_id in touched:
            if post_id in now:
                self.news = "changed" if post_id in before else "added"
                self.news_title = now[post_id]
            elif post_id in before:
                self.news, self.news_title = "removed", before[post_id]["title"]

    @event
    def scrolled(self, is_away: bool) -> object:
        """The reader has left the top of the list, or is back."""
        self._is_away = is_away
        return None if is_away or not self.waiting else self.__class__.show_waiting

    @event
    async def show_waiting(self) -> object:
        """Show what has come in, from the top."""
        known = {row["id"] for row in self.rows}
        page = await self._page(await scope_of(self))
        self.rows = post_rows(page.entries, changed=[card.id for card in page.entries if str(card.id) not in known])
        self.waiting, self._is_away = 0, False
        return push("scroll_to", LIST_ID)
