"""A post as a Markdown file with front matter, which `importing` reads back unchanged.

A file's name is for people; what a post is says its front matter, in names that Jekyll, Hugo and others know where they
have any. Imported HTML stays HTML, which Markdown may contain (`format: html` says so). Comments, views and people's
addresses are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from myapp.blog.schemas import BodyFormat, Post, PostStatus, Tag, tag_slug

MAX_NAME = 56  # characters of a slug in a file's name: systems allow 255 bytes


@dataclass(slots=True)
class Whole:
    """A post with what belongs to it."""

    post: Post
    author: str
    username: str
    tags: list[Tag] = field(default_factory=list[Tag])
    former: list[str] = field(default_factory=list[str])


def moment_of(post: Post) -> datetime:
    """When it was published or written; a zip knows no time before 1980."""
    moment = post.published_at or post.inserted_at
    return moment if 1980 <= moment.year < 2108 else post.updated_at


def name_of(post: Post) -> str:
    """Where its file lies in the zip."""
    slug = post.slug if len(post.slug) <= MAX_NAME else f"{post.slug[:MAX_NAME]}-{post.id.hex[-8:]}"
    if post.status == PostStatus.DRAFT:
        return f"drafts/{slug}.md"
    return f"posts/{moment_of(post):%Y-%m-%d}-{slug}.md"


class _Dumper(yaml.SafeDumper):
    """Writes a value out wherever it stands: our reader, like many, refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def as_markdown(post: Post, settings: dict[str, Any]) -> str:
    """The file: settings, an empty line, the body exactly as it is, a line break."""
    head = yaml.dump(settings, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n\n{post.body}\n"


def settings_of(whole: Whole) -> dict[str, Any]:
    """What the importer reads, without what says nothing."""
    post = whole.post
    is_draft = post.status == PostStatus.DRAFT
    odd_slugs = {tag.name: tag.slug for tag in whole.tags if tag_slug(tag.name) != tag.slug}
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
        "edited_at": post.edited_at,
        "id": str(post.id),
        "import_key": post.import_key,
        "metadata": {name: value for name, value in post.meta.items() if name != "import"},
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {}, False)}
