"""What lists of posts hold for the browser: one flat row a post, made from a card of the blog."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypedDict
from uuid import UUID

from myapp.blog import PostCard
from myapp.kit import routes


class TagLink(TypedDict):
    """A tag and where it leads."""

    name: str
    url: str


class Choice(TypedDict):
    """An entry of a select."""

    value: str
    name: str


class PostRow(TypedDict):
    """One post in a list. `key` changes with the post's version, so that React shows a change as one."""

    id: str
    key: str
    url: str
    title: str
    excerpt: str
    author: str
    author_url: str
    organization: str
    organization_url: str
    at: str
    status: str
    is_featured: bool
    is_changed: bool
    comments: int
    views: int
    tags: list[TagLink]


def post_row(card: PostCard, *, is_changed: bool = False) -> PostRow:
    """The card as a row; the time of a draft is that of its last change."""
    return PostRow(
        id=str(card.id),
        key=f"{card.id}-{card.version}",
        url=routes.post(card.org_slug, card.slug),
        title=card.title,
        excerpt=card.excerpt,
        author=card.author_name,
        author_url=routes.posts(card.org_slug, author=card.author_username),
        organization=card.org_name,
        organization_url=routes.organization(card.org_slug),
        at=(card.published_at or card.updated_at).isoformat(),
        status=card.status,
        is_featured=card.is_featured,
        is_changed=is_changed,
        comments=card.comment_count,
        views=card.view_count,
        tags=tag_links_of(card),
    )


def tag_links_of(card: PostCard) -> list[TagLink]:
    """The tags of a post as links to what else is under them."""
    return [TagLink(name=tag.name, url=routes.tag(card.org_slug, tag.slug)) for tag in card.tags]


def post_rows(cards: Iterable[PostCard], changed: Collection[UUID] = ()) -> list[PostRow]:
    """The cards as rows; those in `changed` are tinted for two seconds."""
    return [post_row(card, is_changed=card.id in changed) for card in cards]
