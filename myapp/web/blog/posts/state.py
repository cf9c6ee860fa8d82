"""The list of an organisation's posts: what it is filtered by, which stream shows that, and what the filters offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, override
from uuid import UUID

import reflex as rx

from myapp import blog
from myapp.blog import PostFilters
from myapp.kit import i18n, routes
from myapp.kit.changeset.casting import is_storable
from myapp.web.blog.listing import EVERY_STATUS, Listing
from myapp.web.blog.rows import Choice
from myapp.web.blog.streams import posts_topic
from myapp.web.events import event, server_event
from myapp.web.live.combobox import Suggestion, SuggestState
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, query_of, scope_of

UNKNOWN = -1


class Chosen(TypedDict):
    """A filter that is set, and the address of the list without it."""

    name: str
    value: str
    url: str


class PostsState(SuggestState, rx.State):
    """What the reader asks of the list. Everything comes from the address, so reload and Back show it again."""

    path: str = ""  # the address it was loaded for
    topic: str = ""
    is_descending: bool = True
    total: int = UNKNOWN
    status: str = "published"
    status_urls: dict[str, str] = {}
    chosen: list[Chosen] = []
    clear_url: str = ""
    is_narrowed: bool = False  # by more than the tab that is open
    can_write: bool = False
    authors: list[Choice] = []
    other_author: str = ""  # who is set and not among them
    _choices_of: UUID | None = None

    def _listing(self) -> Listing:
        return Listing.parse(query_of(self))

    def _url(self, listing: Listing) -> str:
        return routes.posts(argument(self, "org_slug"), **listing.address)

    @server_event
    async def load(self) -> Any:
        """Say which stream shows what the address asks for; what takes longer follows once it is shown."""
        scope = await scope_of(self)
        listing = self._listing()
        follow(self, blog.topic_posts(scope.org_id), PostsState.posts_changed)
        self._forget_suggestions()
        self.topic, self.is_descending = posts_topic(scope, argument(self, "org_slug"), listing), listing.is_descending
        self._show_filters(listing)
        self.can_write = blog.can(scope, "write")
        self.path = path_of(self)
        return PostsState.load_counts

    @server_event
    async def posts_changed(self, _events: list) -> Any:
        """Somebody wrote, changed or deleted posts: the stream shows it, and there may be more or fewer of them."""
        return PostsState.load_counts

    def _show_filters(self, listing: Listing) -> None:
        filters = listing.filters
        self.status = filters.status or EVERY_STATUS
        names = ("published", "draft", "scheduled", EVERY_STATUS)
        self.status_urls = {name: self._url(listing.having("status", name)) for name in names}
        tags = [Chosen(name="tag", value=slug, url=self._url(listing.without_tag(slug))) for slug in filters.tags]
        others = {
            "author": filters.author,
            "from": filters.since and i18n.format_date(filters.since),
            "to": filters.until and i18n.format_date(filters.until),
            "meta_key": " ".join([filters.meta_key, filters.meta_value]).strip() if filters.meta_key else "",
        }
        self.chosen = tags + [
            Chosen(name=name, value=value, url=self._url(listing.without(name)))
            for name, value in others.items()
            if value
        ]
        self.is_narrowed = filters != PostFilters(status=filters.status)
        self._offer(filters.author)
        self.clear_url = self._url(listing.cleared()) if listing.is_filtered else ""

    def _offer(self, author: str) -> None:
        """Whoever is set can be chosen, too: not all authors are offered, and none before they are known."""
        self.other_author = "" if any(each["value"] == author for each in self.authors) else author

    @server_event
    async def load_counts(self) -> None:
        """How many posts there are, and what can be chosen: dear, so after the list is shown, and choices once."""
        scope = await scope_of(self)
        self.total = await blog.count_posts(scope, self._listing().filters)
        if self._choices_of == scope.org_id:
            return
        self._choices_of = scope.org_id
        authors = await blog.list_author_stats(scope, limit=100)
        self.authors = [Choice(value=each.username, name=each.name) for each in authors]
        self._offer(self._listing().filters.author)

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        tags = await blog.suggest_tags(await scope_of(self), words, but=self._listing().filters.tags)
        return [Suggestion(value=tag.slug, name=tag.name, hint="") for tag in tags]

    @event
    def add_tag(self, slug: str) -> Any:
        """Ask for one more tag."""
        if not slug or not isinstance(slug, str) or not is_storable(slug):
            return None
        return rx.redirect(self._url(self._listing().having("tag", slug)))
