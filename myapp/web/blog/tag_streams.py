"""The tags of an organisation as a stream, by name, each with its number of posts.

`stream:tags:<organisation>` counts what everybody may read, `stream:tags:<organisation>:members` what its members may.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.blog import TagCount
from myapp.kit import routes
from myapp.kit.channels import Refused
from myapp.kit.errors import NotFound
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import ALL, All, Key, Page, Row
from myapp.web.blog.audience import audience_of

PAGE = 50
TAGS = "stream:tags"
_ORDER = "sort_name asc,id asc"


class TagRow(TypedDict):
    """A tag and how many posts are under it."""

    id: str
    name: str
    url: str
    count: int


@dataclass(frozen=True)
class TagList:
    """The tags that have a published post which the audience may read."""

    audience: Scope
    org_id: UUID
    org_slug: str

    @property
    def topics(self) -> Collection[str]:
        return [blog.topic_tags(self.org_id), blog.topic_posts(self.org_id), accounts.MEMBERSHIPS]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case blog.TagsChanged():
                return event.tag_ids
            case blog.PostsImported():
                return ALL
            case accounts.OrganizationUpdated() if event.org_id == self.org_id:
                return ALL  # it may have become private, or public
            case _:
                return ()

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        return [self._row(tag) for tag in await blog.fetch_tags(self.audience, [UUID(each) for each in ids])]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await blog.list_tags_by_name(
            self.audience,
            after=cursor_at(_ORDER, after),
            before=cursor_at(_ORDER, before),
            limit=PAGE,
        )
        return Page.of(page, self._row, before=before)

    def _row(self, tag: TagCount) -> Row:
        row = TagRow(id=str(tag.id), name=tag.name, url=routes.tag(self.org_slug, tag.slug), count=tag.post_count)
        # A count has no version: what was looked up last comes last.
        return {**row, "sort": [tag.sort_name], "version": 0}


def tags_topic(scope: Scope, org_slug: str) -> str:
    """What a page of this reader follows: the topic that most others follow, too."""
    return f"{TAGS}:{org_slug}:members" if scope.at_least(Role.MEMBER) else f"{TAGS}:{org_slug}"


async def open_tags(who: Principal, arguments: Sequence[str], query: str) -> TagList:
    """See `Open`: an organisation that the person may look into, and an audience that they are part of."""
    match list(arguments):
        case [org_slug, *name] if name in ([], ["members"]) and not query:
            scope = await accounts.scope_for(who, org_slug)
            if scope.org_id is None:
                raise NotFound
            return TagList(audience_of(scope, *name), scope.org_id, org_slug)
        case _:
            raise Refused("unmatched topic")
