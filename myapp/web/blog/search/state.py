"""Full-text search in an organisation: what was asked stands in the address, the answers come ranked."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from myapp import blog
from myapp.blog import SearchHit
from myapp.kit import routes
from myapp.web.events import server_event
from myapp.web.session import argument, path_of, query, scope_of

MAX_LENGTH = 200


class HitRow(TypedDict):
    """A found post; the two texts are escaped HTML with `<mark>` around what was found."""

    id: str
    url: str
    title_html: str
    snippet_html: str
    author: str
    at: str


class SearchState(rx.State):
    """One page of answers."""

    path: str = ""
    asked: str = ""
    hits: list[HitRow] = []
    total: int = 0
    page: int = 1
    pages: int = 0
    previous_url: str = ""
    next_url: str = ""

    @server_event
    async def load(self) -> None:
        """Ask what the address asks. A newer address ends an older question that is still at work."""
        scope = await scope_of(self)
        wanted = query(self)
        asked, page = wanted.get("q", "").strip()[:MAX_LENGTH], _number(wanted.get("page", "1"))
        found = await blog.search_posts(scope, asked, page=page)
        self.hits = [_row(hit) for hit in found.entries]
        self.asked, self.total, self.page, self.pages = asked, found.total_count, found.page, found.total_pages
        self.previous_url = self._url(found.page - 1) if found.page > 1 else ""
        self.next_url = self._url(found.page + 1) if found.page < found.total_pages else ""
        self.path = path_of(self)

    def _url(self, page: int) -> str:
        return routes.search(argument(self, "org_slug"), q=self.asked, page=str(page))


def _row(hit: SearchHit) -> HitRow:
    return HitRow(
        id=str(hit.id),
        url=routes.post(hit.org_slug, hit.slug),
        title_html=hit.title_html,
        snippet_html=hit.snippet_html,
        author=hit.author_name,
        at=hit.published_at.isoformat() if hit.published_at else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) > 0 else 1
