"""Every post of an organisation as a zip of Markdown files with front matter, which `importing` reads back unchanged.

    async for chunk in export_markdown(scope):
        await response.write(chunk)

The zip is made as it is read: neither the posts nor the zip are ever held whole. A file's name is for people; what a
post is says its front matter, in names that Jekyll, Hugo and others know where they have any. Imported HTML stays
HTML, which Markdown may contain (`format: html` says so). Comments, views and people's addresses are not in it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml
from sqlmodel import col, select

from myapp.accounts import User
from myapp.blog import policy
from myapp.blog.schemas import BodyFormat, Post, PostSlug, PostStatus, PostTag, Tag
from myapp.kit.errors import NotFound
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.slugs import slugify
from myapp.kit.zip_stream import Sink

BATCH = 100
MAX_NAME = 56  # characters of a slug in a file's name: systems allow 255 bytes


@dataclass(slots=True)
class _Whole:
    """A post with what belongs to it."""

    post: Post
    author: str
    username: str
    tags: list[Tag] = field(default_factory=list[Tag])
    former: list[str] = field(default_factory=list[str])


async def export_markdown(scope: Scope) -> AsyncGenerator[bytes]:
    """The bytes of the zip, piece by piece. Raises Forbidden, Unauthenticated and NotFound before the first."""
    policy.authorise(scope, "export")
    if scope.org_id is None:
        raise NotFound
    sink = Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        after: UUID | None = None
        while batch := await _read(scope, after):
            await asyncio.to_thread(_write, archive, batch)
            yield sink.taken()
            after = batch[-1].post.id
    yield sink.taken()


async def _read(scope: Scope, after: UUID | None) -> list[_Whole]:
    written = select(Post, User.name, User.username).join(User, col(User.id) == col(Post.author_id))
    query = written.where(Post.org_id == scope.org_id).order_by(col(Post.id)).limit(BATCH)
    if after is not None:
        query = query.where(col(Post.id) > after)
    async with reading(scope) as session:
        posts = (await session.exec(query)).all()
        ids = [post.id for post, *_ in posts]
        tags = select(PostTag.post_id, Tag).join(Tag, col(Tag.id) == col(PostTag.tag_id))
        tags = tags.where(col(PostTag.post_id).in_(ids)).order_by(col(Tag.slug))
        tagged = defaultdict[UUID, list[Tag]](list)
        for post_id, tag in (await session.exec(tags)).all():
            tagged[post_id].append(tag)
        former = defaultdict[UUID, list[str]](list)
        slugs = select(PostSlug).where(col(PostSlug.post_id).in_(ids)).order_by(col(PostSlug.slug))
        for row in (await session.exec(slugs)).all():
            former[row.post_id].append(row.slug)
    return [_Whole(post, name, username, tagged[post.id], former[post.id]) for post, name, username in posts]


def _write(archive: ZipFile, batch: Sequence[_Whole]) -> None:
    for whole in batch:
        entry = ZipInfo(_name(whole.post), _moment(whole.post).timetuple()[:6])
        entry.compress_type = ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, as_markdown(whole.post, _settings(whole)))


def _moment(post: Post) -> datetime:
    """A zip knows no time before 1980."""
    moment = post.published_at or post.inserted_at
    return moment if 1980 <= moment.year < 2108 else post.updated_at


def _name(post: Post) -> str:
    slug = post.slug if len(post.slug) <= MAX_NAME else f"{post.slug[:MAX_NAME]}-{post.id.hex[-8:]}"
    if post.status == PostStatus.DRAFT:
        return f"drafts/{slug}.md"
    return f"posts/{_moment(post):%Y-%m-%d}-{slug}.md"


class _Dumper(yaml.SafeDumper):
    """Writes a value out wherever it stands: our reader, like many, refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def as_markdown(post: Post, settings: dict[str, Any]) -> str:
    """The file: settings, an empty line, the body exactly as it is, a line break."""
    head = yaml.dump(settings, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n\n{post.body}\n"


def _settings(whole: _Whole) -> dict[str, Any]:
    """What the importer reads, without what says nothing."""
    post = whole.post
    is_draft = post.status == PostStatus.DRAFT
    odd_slugs = {tag.name: tag.slug for tag in whole.tags if slugify(tag.name) != tag.slug}
    found = {
        "title": post.title,
        "slug": post.slug,
        "date": None if is_draft else post.published_at,
        "published_at": post.published_at if is_draft else None,
        "status": str(post.status),
        "draft": is_draft,
        "author": whole.author,
        "author_username": whole.username,
        "tags": [tag.name for tag in whole.tags],
        "tag_slugs": odd_slugs,
        "excerpt": post.excerpt,
        "featured": post.is_featured,
        "aliases": whole.former,
        "format": "html" if post.body_format == BodyFormat.HTML else None,
        "created_at": post.inserted_at,
        "updated_at": post.updated_at,
        "id": str(post.id),
        "import_key": post.import_key,
        "metadata": {name: value for name, value in post.meta.items() if name != "import"},
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {}, False)}
