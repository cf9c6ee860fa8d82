"""How posts and comments may change: the rules that need nothing but the row and what was sent."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from typing import cast as typed
from uuid import UUID

import orjson

from myapp.blog.schemas.comments import Comment
from myapp.blog.schemas.kinds import BodyFormat, PostStatus
from myapp.blog.schemas.notes import with_notes
from myapp.blog.schemas.posts import Post
from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.changeset.messages import BLANK, gettext_noop
from myapp.kit.changeset.validation import is_blank
from myapp.kit.clock import now
from myapp.kit.slugs import slugify

MAX_BODY = 200_000
MAX_COMMENT = 10_000
MAX_META = 10_000
MAX_TAGS = 100
MAX_FILES = 50
MAX_TAG = 50

NOT_IN_FUTURE = gettext_noop("must be in the future")
IN_FUTURE = gettext_noop("must not be in the future")
TAG_TOO_LONG = gettext_noop("should be at most %{count} character(s) each")
META_TOO_LARGE = gettext_noop("is too large")

_MARKUP = re.compile(r"<(?!(?:img|hr)\b)[^<>]*>", re.IGNORECASE)  # but what shows something without words
_POST_FIELDS = ("title", "body", "excerpt", "slug", "meta", "status", "published_at")
_FILE_FIELDS = {"files": list[UUID], "cover_alt": str}


def post_changeset(post: Post, attrs: Attrs) -> Changeset[Post]:
    """What a form, an API or an import may say of a post.

    `tags` is a list of names, or text with commas between them; `meta` an object, or its JSON; `files` are ids of what
    was sent before. `status` and `published_at` go together: what is scheduled has a time to come, what is published
    has one that has come (now, if none is given), and a draft keeps the time of a former publication. The notes of an
    import stay in `meta`, whatever is said of it.
    """
    changeset = (
        cast(post, _readable(attrs), _POST_FIELDS, virtual={"tags": list[str], **_FILE_FIELDS})
        .update_change("title", _one_line)
        .update_change("body", lambda body: post.body if _with_line_feeds(post.body) == body else body)
        .update_change("excerpt", _one_line_or_none)
        .update_change("slug", _slug_or_none)
        .update_change("tags", tag_names)
        .validate_required("title", "body")
        .validate_length("title", min=3, max=255)
        .validate_length("body", min=10, max=MAX_BODY)
        .validate_change("body", lambda body: _shows_something(body, post.body_format))
        .validate_length("excerpt", max=1000)
        .validate_change("meta", _meta_fits)
        .update_change("meta", lambda meta: with_notes(meta, post.meta) if post.import_key else meta)
        .validate_length("files", max=MAX_FILES)
        .update_change("cover_alt", _one_line)
        .validate_length("cover_alt", max=500)
        .unique_constraint("slug", name="uq_posts_org_id_slug")
        .check_constraint("view_count", name="ck_posts_view_count")
    )
    if not changeset.get_change("slug"):
        changeset = changeset.delete_change("slug")
    return _timed(_with_fitting_tags(changeset), now())


def _timed(changeset: Changeset[Post], moment: datetime) -> Changeset[Post]:
    """The rules between status and time."""
    status, time = changeset.get_field("status"), changeset.get_field("published_at")
    if changeset.has_error("published_at") or not ({"status", "published_at"} & changeset.changes.keys()):
        return changeset
    if status == PostStatus.SCHEDULED:
        if time is None:
            return changeset.validate_required("published_at")
        return changeset if time > moment else changeset.add_error("published_at", NOT_IN_FUTURE)
    if status == PostStatus.PUBLISHED:
        if time is None or ("published_at" not in changeset.changes and time > moment):
            return changeset.put_change("published_at", moment)
        return changeset if time <= moment else changeset.add_error("published_at", IN_FUTURE)
    was = changeset.data.published_at
    return changeset.put_change("published_at", was if was and was <= moment else None)


def comment_changeset(comment: Comment, attrs: Attrs) -> Changeset[Comment]:
    """The words of a comment and its tags."""
    changeset = (
        cast(comment, _readable(attrs), ["body"], virtual={"tags": list[str]})
        .update_change("body", str.strip)
        .update_change("tags", tag_names)
        .validate_required("body")
        .validate_length("body", max=MAX_COMMENT)
        .foreign_key_constraint("post_id")
        .foreign_key_constraint("parent_id")
        .unique_constraint("client_id", name="uq_comments_post_id_author_id_client_id")
    )
    return _with_fitting_tags(changeset)


def tag_names(names: list[str] | None) -> list[str]:
    """Names without their surplus spaces and `#`, each once, in whatever case it is written.

    >>> tag_names([" Open  source", "#open source", "Ümlaut", ""])
    ['Open source', 'Ümlaut']
    """
    found: dict[str, str] = {}
    for name in names or ():
        text = _one_line(name).lstrip("#").strip()
        if text:
            found.setdefault(text.casefold(), text)
    return list(found.values())


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _one_line_or_none(text: str | None) -> str | None:
    return _one_line(text) if text else None


def _with_line_feeds(text: str) -> str:
    """As a browser's field has it: what was read from a file may end its lines otherwise."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _slug_or_none(slug: str | None) -> str | None:
    return slugify(slug) if slug else None


def _with_fitting_tags[T: (Post, Comment)](changeset: Changeset[T]) -> Changeset[T]:
    names: list[str] = changeset.get_change("tags", [])
    if any(len(name) > MAX_TAG for name in names):
        changeset = changeset.add_error("tags", TAG_TOO_LONG, count=MAX_TAG)
    return changeset.validate_length("tags", max=MAX_TAGS)


def _shows_something(body: str, body_format: BodyFormat) -> str | None:
    is_html = body_format == BodyFormat.HTML
    return BLANK if is_html and is_blank(html.unescape(_MARKUP.sub("", body))) else None


def _meta_fits(meta: dict[str, Any]) -> str | None:
    return None if len(orjson.dumps(meta)) <= MAX_META else META_TOO_LARGE


def _readable(attrs: Attrs) -> dict[str, object]:
    """Forms send text where programs send lists and objects."""
    read = dict(attrs) if isinstance(typed("object", attrs), Mapping) else {}
    tags, meta = read.get("tags"), read.get("meta")
    if isinstance(tags, str):
        read["tags"] = tags.split(",")
    if isinstance(meta, str) and meta.strip():
        with suppress(orjson.JSONDecodeError):  # what stays text is no object: the changeset says so
            read["meta"] = orjson.loads(meta)
    return read
