"""Two front pages: the site's, with its organisations and what they publish, and an organisation's own."""

from __future__ import annotations

from typing import Any, TypedDict, override

import reflex as rx

from myapp import accounts, blog
from myapp.blog import PostCard, PostFilters
from myapp.kit import routes
from myapp.kit.pagination import KeysetPage
from myapp.kit.scope import Scope
from myapp.web.blog.live_posts import LivePosts
from myapp.web.blog.rows import PostRow, TagLink, post_rows
from myapp.web.events import server_event
from myapp.web.session import argument, path_of, scope_of

FEATURED = PostFilters(featured=True)


class PlaceRow(TypedDict):
    """An organisation in the directory."""

    name: str
    url: str
    is_private: bool
    role: str


class AuthorRow(TypedDict):
    """Somebody who writes here."""

    name: str
    url: str
    posts: int


class HomeState(rx.State):
    """The directory; the public feed beside it is a stream, which no state holds."""

    path: str = ""  # the address the places were read for
    places: list[PlaceRow] = []

    @server_event
    async def load(self) -> None:
        """Where one may go."""
        scope = await scope_of(self)
        self.places = [
            PlaceRow(
                name=each.name,
                url=routes.organization(each.slug),
                is_private=each.visibility == accounts.Visibility.PRIVATE,
                role=each.role or "",
            )
            for each in await accounts.list_organizations(scope)
        ]
        self.path = path_of(self)


class OrganizationState(LivePosts, rx.State):
    """An organisation's front page: what it puts forward, what is new, its tags and its authors."""

    name: str = ""
    featured: list[PostRow] = []
    tags: list[TagLink] = []
    authors: list[AuthorRow] = []
    can_write: bool = False

    @override
    async def _page(self, scope: Scope) -> KeysetPage[PostCard]:
        await self._show_featured(scope)
        return await blog.list_posts(scope, limit=10)

    async def _show_featured(self, scope: Scope) -> None:
        self.featured = post_rows((await blog.list_posts(scope, FEATURED, limit=3)).entries)

    @server_event
    async def load(self) -> Any:
        """The posts first."""
        scope = await scope_of(self)
        organization = await accounts.get_organization_by_slug(scope, argument(self, "org_slug"))
        self.name, self.can_write = organization.name, blog.can(scope, "write")
        await self._arrive(scope)
        return OrganizationState.load_more

    @server_event
    async def load_more(self) -> None:
        """Tags and authors are counted once the posts are shown."""
        scope, org = await scope_of(self), argument(self, "org_slug")
        tags = sorted(await blog.list_tags(scope), key=lambda tag: -tag.post_count)[:12]
        self.tags = [TagLink(name=tag.name, url=routes.tag(org, tag.slug)) for tag in tags]
        self.authors = [
            AuthorRow(name=each.name, url=routes.posts(org, author=each.username), posts=each.post_count)
            for each in sorted(await blog.list_author_stats(scope, limit=8), key=lambda each: -each.post_count)
        ]
