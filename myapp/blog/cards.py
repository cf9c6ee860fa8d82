"""What readers of the blog get: plain values made for a page, never rows of a table.

A card is one entry of a list, a detail is a whole post. They carry what a page shows about their author, tags and
comments, so nobody has to ask again for each entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from myapp.blog.markup import APART
from myapp.blog.schemas import Attachment, BodyFormat, CommentKind, FileKind, PostStatus, without_notes

EXCERPT_LENGTH = 300
_TELLING = 60  # characters

COVER_WIDTHS = (1360, 640)
"""Pixels: twice the column that is read, and a card of a list."""

type Sort = Literal["newest", "oldest", "views"]


@dataclass(frozen=True, slots=True)
class TagName:
    """A tag as it is shown and as it stands in a URL."""

    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag and how many published posts the reader finds under it; lists of tags are ordered by `sort_name`."""

    id: UUID
    name: str
    slug: str
    sort_name: str
    post_count: int


@dataclass(frozen=True, slots=True)
class FileCard:
    """A cover or an attachment. `size` is in bytes, `width` and `height` are a picture's; `alt` is a cover in words."""

    id: UUID
    kind: FileKind
    key: str
    filename: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    alt: str

    @classmethod
    def of(cls, row: Attachment) -> FileCard:
        """Of a row that is written."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class PostFilters:
    """Which posts a list shows. Every given filter must hold; `tags` are slugs, days are whole and in UTC.

    `status` None means every status the reader may see. `author` is a user name. `meta_value` without `meta_key` is
    ignored; a key alone asks that the post has it.
    """

    text: str = ""
    status: PostStatus | None = PostStatus.PUBLISHED
    author: str = ""
    tags: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    meta_key: str = ""
    meta_value: str = ""
    featured: bool = False


@dataclass(frozen=True, slots=True)
class PostCard:
    """A post in a list. `excerpt` is plain text of at most 300 characters."""

    id: UUID
    org_id: UUID
    org_slug: str
    org_name: str
    title: str
    slug: str
    excerpt: str
    status: PostStatus
    published_at: datetime | None
    inserted_at: datetime
    updated_at: datetime
    edited_at: datetime | None
    is_featured: bool
    view_count: int
    version: int
    author_id: UUID
    author_name: str
    author_username: str
    author_avatar: str | None
    tags: tuple[TagName, ...]
    comment_count: int
    cover: FileCard | None

    @property
    def dated_at(self) -> datetime:
        """What a list shows as its time: of publication, or of writing where there is none."""
        return self.published_at or self.inserted_at


@dataclass(frozen=True, slots=True)
class PostDetail(PostCard):
    """A whole post. `body` is what the author wrote, `body_html` is safe to show; `attachments` are in their order.

    `meta` is without the notes of an import.
    """

    body: str
    body_format: BodyFormat
    body_html: str
    own_excerpt: str
    meta: dict[str, Any]
    attachments: tuple[FileCard, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found post. `title_html` and `snippet_html` are escaped text in which only `<mark>` is a tag.

    `rank` is in billionths; hits with a greater one come first, and of equal ones the newer.
    """

    id: UUID
    org_slug: str
    slug: str
    title_html: str
    snippet_html: str
    version: int
    rank: int
    published_at: datetime
    author_id: UUID
    author_name: str


@dataclass(frozen=True, slots=True)
class HitCount:
    """How many posts a search finds. Unless that `is_all` there are, more may fit: these are the best of the newest."""

    count: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class CommentCard:
    """A comment with its replies. What is hidden or deleted has no words and no author unless a moderator reads it."""

    id: UUID
    org_id: UUID
    post_id: UUID
    parent_id: UUID | None
    author_id: UUID | None
    author_name: str
    author_avatar: str | None
    author_url: str | None
    body: str
    body_html: str
    kind: CommentKind
    is_hidden: bool
    is_deleted: bool
    like_count: int
    inserted_at: datetime
    edited_at: datetime | None
    updated_at: datetime
    thread_at: datetime  # when the comment was written that stands over this one, or is this one
    client_id: UUID | None
    tags: tuple[TagName, ...] = ()
    replies: tuple[CommentCard, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PostRank:
    """A post's place by views, 1 first: among its author's posts and among all of the organisation's; ties share it."""

    post_id: UUID
    rank_of_author: int
    rank_overall: int


@dataclass(frozen=True, slots=True)
class AuthorStats:
    """An author's published work in the organisation."""

    author_id: UUID
    name: str
    username: str
    avatar_key: str | None
    post_count: int
    view_count: int


def to_card(row: Mapping[str, Any]) -> PostCard:
    """A card of a row of `queries.cards`."""
    return PostCard(**_card_values(row))


def to_detail(row: Mapping[str, Any]) -> PostDetail:
    """A detail of a row of `queries.details`."""
    values = _card_values(row)
    values["attachments"] = tuple(_file(each) for each in row["attachments"])
    if values.pop("import_key"):
        values["meta"] = without_notes(row["meta"])
    return PostDetail(**values)


def to_comment(row: Mapping[str, Any], *, replies: tuple[CommentCard, ...] = (), unveiled: bool = False) -> CommentCard:
    """A card of a row of `queries.comment_cards`; hidden words and names are left out unless `unveiled`."""
    values: dict[str, Any] = {**row, "tags": _tag_names(row["tags"]), "replies": replies}
    if row["is_deleted"] or (row["is_hidden"] and not unveiled):
        values |= {"author_id": None, "author_name": "", "author_avatar": None, "author_url": None}
        values |= {"body": "", "body_html": "", "tags": ()}
    return CommentCard(**values)


def _card_values(row: Mapping[str, Any]) -> dict[str, Any]:
    cover = _file(row["cover"]) if row["cover"] else None
    return {**row, "excerpt": _excerpt(row["excerpt"]), "tags": _tag_names(row["tags"]), "cover": cover}


def _file(values: Mapping[str, Any]) -> FileCard:
    more: dict[str, Any] = {**values, "id": UUID(values["id"]), "kind": FileKind(values["kind"])}
    return FileCard(**more)


def _excerpt(text: str) -> str:
    """The first stretch of running text that says something; headings and code make no excerpt."""
    stretches = text.split(APART)
    if len(text) > EXCERPT_LENGTH:
        stretches[-1] = stretches[-1][:-1].rsplit(" ", 1)[0] + "…"
    return next((stretch for stretch in stretches if len(stretch) >= _TELLING), " ".join(stretches))


def _tag_names(pairs: list[tuple[str, str]]) -> tuple[TagName, ...]:
    return tuple(TagName(name, slug) for name, slug in pairs)
