"""What the readers hand on: posts and comments as their source has them, decoded and unjudged. No database, no rules.

A reader (`wordpress`, `markdown`) yields `SourcePost`, `Skip` and `Aside` in the order of its source; `prepare` applies
the blog's rules to a `SourcePost`, and `load` writes what comes out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from myapp.blog.importing.report import Note, Reason
from myapp.blog.schemas import BodyFormat, CommentKind, ImportKind, PostStatus

MAX_KEY = 200


def import_key(*parts: str) -> str:
    """The identity of a thing in its source, readable where it is short enough for an index.

    >>> import_key("wordpress", "https://example.org/?p=7", "7")
    'wordpress:https://example.org/?p=7:7'
    """
    key = ":".join(parts)
    if len(key) <= MAX_KEY:
        return key
    prefix = parts[0] if len(parts[0]) <= MAX_KEY else parts[0][:20]
    return f"{prefix}:{sha256(key.encode()).hexdigest()}"


@dataclass(slots=True)
class SourceComment:
    """A comment that may be shown, its body as HTML.

    `parent` is the key of a comment of the same post that is itself no reply. `author` is the login of an author of the
    source who was logged in when writing; the mail address a visitor typed is no proof of who they are, so it is never
    read.
    """

    key: str
    body: str
    at: datetime | None
    parent: str | None = None
    author: str | None = None
    author_name: str = ""
    author_url: str | None = None
    kind: CommentKind = CommentKind.COMMENT


@dataclass(slots=True)
class SourceTag:
    """A tag or category; an empty slug is made from the name."""

    name: str
    slug: str = ""


@dataclass(slots=True)
class SourcePost:
    """A post as its source tells it, title and excerpt as plain text.

    `label` is what a report calls it, `fingerprint` shows whether it has changed.
    """

    key: str
    made_from: ImportKind
    fingerprint: str
    label: str
    title: str
    body: str
    body_format: BodyFormat
    slug: str = ""
    excerpt: str = ""
    status: PostStatus = PostStatus.PUBLISHED
    at: datetime | None = None
    """When it was or will be published; of a draft, when it was written."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    edited_at: datetime | None = None
    was_published: bool = False
    """Of a draft: whether `at` is when readers saw it."""
    author: str | None = None
    is_featured: bool = False
    is_page: bool = False
    tags: list[SourceTag] = field(default_factory=list[SourceTag])
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    old_slugs: list[str] = field(default_factory=list[str])
    comments: list[SourceComment] = field(default_factory=list[SourceComment])
    comments_skipped: Counter[Reason] = field(default_factory=Counter[Reason])
    warnings: list[Note] = field(default_factory=list[Note])

    def warn(self, why: Reason, detail: str = "") -> None:
        """Note something a person should know about this post, which still comes in."""
        note = Note(self.label, why, detail)
        if note not in self.warnings:
            self.warnings.append(note)


@dataclass(slots=True)
class Skip:
    """An item that does not come in, and why."""

    note: Note


@dataclass(slots=True)
class Aside:
    """An item that is no post but was used: an attachment that posts refer to."""


type Item = SourcePost | Skip | Aside
