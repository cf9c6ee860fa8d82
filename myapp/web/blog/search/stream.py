"""What a search finds, as a stream: `stream:search:<organisation>`, and `stream:search:<organisation>:members`.

The first is what everybody may read of the organisation, the second what its members may. The words come with the join,
as `q=…`: see `web/live/topics.py`. A hit stands where its rank puts it, which the post and the words decide alone, so
a hit moves when its post is changed and not when another is.

Only so many candidates are ranked (`blog/search.py`). One that falls behind them because others are written stays with
those who have it until their list is read anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.blog import SearchHit
from myapp.kit import routes
from myapp.kit.channels import Refused
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import All, Key, Page, Row, Source, sort_value
from myapp.web.blog.audience import audience_of
from myapp.web.blog.portraits import ShowsAuthors
from myapp.web.blog.streams import PostList
from myapp.web.live.topics import narrowed

MAX_LENGTH = 200


class HitRow(TypedDict):
    """A found post; the two texts are escaped HTML with `<mark>` around what was found."""

    id: str
    url: str
    title_html: str
    snippet_html: str
    author: str
    author_id: str
    at: str


@dataclass(frozen=True)
class SearchHits(ShowsAuthors):
    """What an audience finds by these words, best first."""

    audience: Scope
    words: str

    @property
    def topics(self) -> Collection[str]:
        return PostList(self.audience).topics

    def touched(self, event: object) -> Collection[str] | All:
        return PostList(self.audience).touched(event)

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        return [_row(hit) for hit in await blog.fetch_hits(self.audience, self.words, [UUID(each) for each in ids])]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await blog.search_posts(
            self.audience,
            self.words,
            after=cursor_at(blog.HITS_ORDER, after),
            before=cursor_at(blog.HITS_ORDER, before),
        )
        return Page.of(page, _row, before=before)


def words_of(query: str) -> str:
    """What the query of an address asks for."""
    return parse_qs(query).get("q", [""])[-1][:MAX_LENGTH].strip()


def search_topic(scope: Scope, org_slug: str, words: str) -> str:
    """What a page of this reader follows; nothing when nothing is asked."""
    audience = ":members" if scope.at_least(Role.MEMBER) else ""
    return narrowed(f"stream:search:{org_slug}{audience}", _query(words)) if words else ""


async def open_search(who: Principal, arguments: Sequence[str], query: str) -> Source:
    """See `Open`: an organisation that the person may look into, as a visitor or as one of its members."""
    words = words_of(query)
    match list(arguments):
        case [org_slug] | [org_slug, "members"] if _query(words) == query:
            scope = await accounts.scope_for(who, org_slug)
            return SearchHits(audience_of(scope, *arguments[1:]), words)
        case _:
            raise Refused("unmatched topic")


def _query(words: str) -> str:
    return urlencode({"q": words}) if words else ""


def _row(hit: SearchHit) -> Row:
    shown = HitRow(
        id=str(hit.id),
        url=routes.post(hit.org_slug, hit.slug),
        title_html=hit.title_html,
        snippet_html=hit.snippet_html,
        author=hit.author_name,
        author_id=str(hit.author_id),
        at=hit.published_at.isoformat(),
    )
    return {**shown, "sort": [hit.rank, sort_value(hit.published_at)], "version": hit.version}
