"""Lists of posts as streams.

`stream:posts` are the newest of all public organisations, `stream:posts:<organisation>` those that everybody may read
of one. `stream:posts:<organisation>:<audience>` are those that its `members` or its `moderators` may read, or a member
whose id it is: drafts have few readers. Behind any of an organisation may come filters and an order, as they stand in
the address of the page: see `web/live/topics.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.blog import PostCard, PostStatus
from myapp.kit.channels import Refused
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import ALL, All, Key, Page, Row, Source, sort_value
from myapp.web.blog.audience import audience_of
from myapp.web.blog.listing import Listing
from myapp.web.blog.portraits import ShowsAuthors
from myapp.web.blog.rows import post_row
from myapp.web.live.topics import narrowed

PAGE = 20
PUBLIC_POSTS = "stream:posts"


@dataclass(frozen=True)
class PostList(ShowsAuthors):
    """Posts as an audience may read them: those that a listing asks for, in its order."""

    audience: Scope
    listing: Listing = field(default_factory=Listing)

    @property
    def topics(self) -> Collection[str]:
        return [blog.topic_posts(self.audience.org_id), accounts.MEMBERSHIPS, accounts.FACES]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case blog.PostEvent() if self._may_know(event):
                return [str(event.post_id)]
            case blog.PostsImported():
                return ALL
            case accounts.OrganizationUpdated() if self.audience.org_id in {None, event.org_id}:
                return ALL  # it may have become private, or public
            case _:
                return ()

    def _may_know(self, event: blog.PostEvent) -> bool:
        """Of others' drafts not even a deletion is told: it would give away their ids, and when they are worked on."""
        if event.status == PostStatus.PUBLISHED or isinstance(event, blog.PostUnpublished):
            return True
        authors = {event.author_id, *([event.former_author_id] if isinstance(event, blog.PostTransferred) else [])}
        return self.audience.user_id in authors or self.audience.at_least(Role.MODERATOR)

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        cards = await blog.fetch_cards(self.audience, [UUID(each) for each in ids], self.listing.filters)
        return [self._row(card) for card in cards]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        direction = "desc" if self.listing.is_descending else "asc"
        order = ",".join(f"{name} {direction}" for name in (*self.listing.sorted_by, "id"))
        page = await blog.list_posts(
            self.audience,
            self.listing.filters,
            sort=self.listing.sort,
            after=cursor_at(order, after),
            before=cursor_at(order, before),
            limit=PAGE,
        )
        return Page.of(page, self._row, before=before)

    def _row(self, card: PostCard) -> Row:
        sort = [sort_value(getattr(card, name)) for name in self.listing.sorted_by]
        return {**post_row(card), "sort": sort, "version": card.version}


def posts_topic(scope: Scope, org_slug: str, listing: Listing) -> str:
    """What a page of this reader follows for a list of the organisation: the topic that most others follow, too."""
    topic = f"{PUBLIC_POSTS}:{org_slug}"
    if scope.at_least(Role.MEMBER):
        is_out = listing.filters.status is PostStatus.PUBLISHED
        topic += ":members" if is_out else ":moderators" if scope.at_least(Role.MODERATOR) else f":{scope.user_id}"
    return narrowed(topic, listing.query)


async def open_posts(who: Principal, arguments: Sequence[str], query: str) -> Source:
    """See `Open`: an organisation that the person may look into, and an audience that they are part of."""
    listing = Listing.parse(query)
    match list(arguments):
        case [] if not query:
            return PostList(Scope.anonymous())
        case [org_slug, *name] if len(name) < 2 and listing.query == query:
            scope = await accounts.scope_for(who, org_slug)
            return PostList(audience_of(scope, *name), listing)
        case _:
            raise Refused("unmatched topic")
