"""Lists of posts as streams.

`stream:posts` are the newest of all public organisations, `stream:posts:<organisation>` those that everybody may read
of one, `stream:posts:<organisation>:members` those of a private one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from myapp import accounts, blog
from myapp.blog import PostCard, PostStatus
from myapp.kit.channels import Refused
from myapp.kit.errors import Forbidden
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import ALL, All, Key, Page, Row, Source, sort_value
from myapp.web.blog.rows import post_row

PAGE = 20
PUBLIC_POSTS = "stream:posts"
_OF_THE_STATE = {"key", "is_changed"}  # what a stream's rows have in another way
_ORDER = "published_at desc,id desc"  # that of `blog.list_posts`


@dataclass(frozen=True)
class PublishedPosts:
    """What is published, newest first, as an audience may read it."""

    audience: Scope

    @property
    def topics(self) -> Collection[str]:
        return [blog.topic_posts(self.audience.org_id)]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case blog.PostUnpublished():
                return [str(event.post_id)]
            case blog.PostEvent(status=PostStatus.PUBLISHED):
                return [str(event.post_id)]
            # A draft is passed over: even a deletion would give away its id, and when somebody works on it.
            case blog.PostsImported():
                return ALL
            case _:
                return ()

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        cards = await blog.fetch_cards(self.audience, [UUID(each) for each in ids])
        return [_row(card) for card in cards if card.status is PostStatus.PUBLISHED]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await blog.list_posts(
            self.audience,
            after=cursor_at(_ORDER, after) if after else None,
            before=cursor_at(_ORDER, before) if before else None,
            limit=PAGE,
        )
        return Page([_row(card) for card in page.entries], bool(page.before if before else page.after))


def _row(card: PostCard) -> Row:
    at = card.published_at or card.inserted_at
    shown = {name: value for name, value in post_row(card).items() if name not in _OF_THE_STATE}
    return {**shown, "sort": [sort_value(at)], "version": card.version}


async def open_posts(user_id: UUID | None, arguments: Sequence[str]) -> Source:
    """See `Open`: an organisation that the person may look into, and for members' posts one they belong to."""
    match list(arguments):
        case []:
            return PublishedPosts(Scope.anonymous())
        case [org_slug]:
            scope = await accounts.scope_for(user_id, org_slug)
            return PublishedPosts(Scope.anonymous(scope.org_id))
        case [org_slug, "members"]:
            scope = await accounts.scope_for(user_id, org_slug)
            if not scope.at_least(Role.MEMBER):
                raise Forbidden
            return PublishedPosts(Scope(org_id=scope.org_id, role=Role.MEMBER))
        case _:
            raise Refused("unmatched topic")
