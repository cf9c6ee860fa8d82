"""Two front pages: the site's, with its organisations and what they publish, and an organisation's own."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from myapp import accounts, blog
from myapp.blog import PostFilters
from myapp.kit import routes
from myapp.web.blog.listing import Listing
from myapp.web.blog.organization_streams import PlaceRow, organizations_topic, place_row
from myapp.web.blog.rows import TagLink
from myapp.web.blog.streams import posts_topic
from myapp.web.events import server_event
from myapp.web.session import argument, path_of, scope_of

FEATURED = PostFilters(featured=True)


class AuthorRow(TypedDict):
    """Somebody who writes here."""

    name: str
    avatar: str
    url: str
    posts: int


class HomeState(rx.State):
    """What is one's own in the directory; the directory and the public feed are streams, which no state holds."""

    path: str = ""  # the address the places were read for
    topic: str = ""
    own: list[PlaceRow] = []
    roles: dict[str, str] = {}  # what one is, by the ids of the organisations one belongs to
    is_newcomer: bool = False  # somebody who belongs to none yet

    @server_event
    async def load(self) -> None:
        """Where one may go."""
        scope = await scope_of(self)
        self.topic = organizations_topic(scope)
        places = await accounts.list_own_organizations(scope)
        self.roles = {str(each.id): each.role.value for each in places if each.role}
        self.is_newcomer = scope.user_id is not None and not self.roles
        rows = [place_row(each) for each in places]
        self.own = [] if scope.is_operator else [row for row in rows if row["is_private"]]
        self.path = path_of(self)


class OrganizationState(rx.State):
    """An organisation's front page: which streams show what it puts forward and what is new, its tags and authors."""

    path: str = ""  # the address it was loaded for
    name: str = ""
    topic: str = ""
    featured_topic: str = ""
    has_featured: bool = False  # when the page was opened: then there is a place for them from the start
    tags: list[TagLink] = []
    authors: list[AuthorRow] = []
    can_write: bool = False

    @server_event
    async def load(self) -> Any:
        """The posts first."""
        scope, org = await scope_of(self), argument(self, "org_slug")
        organization = await accounts.get_organization_by_slug(scope, org)
        self.name, self.can_write = organization.name, blog.can(scope, "write")
        self.topic = posts_topic(scope, org, Listing())
        self.featured_topic = posts_topic(scope, org, Listing(FEATURED))
        self.has_featured = await blog.count_featured(scope) > 0
        self.path = path_of(self)
        return OrganizationState.load_more

    @server_event
    async def load_more(self) -> None:
        """Tags and authors are counted once the posts are shown."""
        scope, org = await scope_of(self), argument(self, "org_slug")
        tags = sorted(await blog.list_tags(scope), key=lambda tag: -tag.post_count)[:12]
        self.tags = [TagLink(name=tag.name, url=routes.tag(org, tag.slug)) for tag in tags]
        self.authors = [
            AuthorRow(
                name=each.name,
                avatar=routes.avatar(each.avatar_key),
                url=routes.posts(org, author=each.username),
                posts=each.post_count,
            )
            for each in sorted(await blog.list_author_stats(scope, limit=8), key=lambda each: -each.post_count)
        ]
