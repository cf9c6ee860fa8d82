"""What lists of posts are for the browser: one flat row a post, made from a card of the blog."""

from __future__ import annotations

from typing import TypedDict

from myapp.blog import PostCard
from myapp.kit import routes
from myapp.web.blog.files import CoverRow, cover_row


class TagLink(TypedDict):
    """A tag and where it leads."""

    name: str
    url: str


class Choice(TypedDict):
    """An entry of a select."""

    value: str
    name: str


class PostRow(CoverRow):
    """One post in a list."""

    id: str
    url: str
    title: str
    excerpt: str
    author: str
    author_id: str
    author_username: str
    author_avatar: str
    organization: str
    org_slug: str
    organization_url: str
    at: str
    status: str
    is_featured: bool
    comments: int
    views: int
    tags: list[TagLink]


def post_row(card: PostCard) -> PostRow:
    """The card as a row."""
    return PostRow(
        id=str(card.id),
        url=routes.post(card.org_slug, card.slug),
        title=card.title,
        excerpt=card.excerpt,
        author=card.author_name,
        author_id=str(card.author_id),
        author_avatar=routes.avatar(card.author_avatar),
        author_username=card.author_username,
        organization=card.org_name,
        org_slug=card.org_slug,
        organization_url=routes.organization(card.org_slug),
        at=card.dated_at.isoformat(),
        status=card.status,
        is_featured=card.is_featured,
        comments=card.comment_count,
        views=card.view_count,
        tags=tag_links_of(card),
        **cover_row(card.cover, card.org_id),
    )


def tag_links_of(card: PostCard) -> list[TagLink]:
    """The tags of a post as links to what else is under them."""
    return [TagLink(name=tag.name, url=routes.tag(card.org_slug, tag.slug)) for tag in card.tags]
