"""The blog's rules for a post from elsewhere: what came from a reader goes out ready to be written, or is refused.

Everything here is pure and may run in a thread. What always holds of what goes out: title, body, excerpt, tags and
metadata keep the bounds a form keeps, so an imported post can be edited like any other; HTML has passed the sanitiser;
nothing is public that was not public where it came from.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from myapp.blog import markup
from myapp.blog.importing.comment_text import as_markdown
from myapp.blog.importing.items import Skip, SourceComment, SourcePost, SourceTag
from myapp.blog.importing.report import Note, Reason
from myapp.blog.importing.text import cut, one_line
from myapp.blog.schemas import BodyFormat, CommentKind, ImportKind, PostStatus, tag_slug
from myapp.blog.schemas.changesets import MAX_BODY, MAX_COMMENT, MAX_META, MAX_TAG, MAX_TAGS
from myapp.kit.changeset.casting import is_jsonable, is_storable
from myapp.kit.changeset.validation import is_blank
from myapp.kit.markup import is_too_deep, sanitise_note
from myapp.kit.slugs import slugify

MIN_TITLE, MAX_TITLE = 3, 255
MIN_BODY = 10
MAX_SOURCE = 2_000_000
"""Characters of a body before it is sanitised: pasted images make it long and do not stay."""
MAX_EXCERPT = 1000
MAX_SLUG = 120
MAX_NAME, MAX_URL = 100, 500

_HAS_PICTURE = ("<img ", "<hr")


@dataclass(slots=True)
class ReadyComment:
    """A comment with its columns; parent and author are still names."""

    key: str
    parent: str | None
    author: str | None
    row: dict[str, Any]


@dataclass(slots=True)
class ReadyPost:
    """A post with its columns. Slug and tags are wishes until the database is asked; the author is still a name."""

    key: str
    made_from: ImportKind
    fingerprint: str
    label: str
    slug: str
    author: str | None
    row: dict[str, Any]
    tags: list[SourceTag]
    old_slugs: list[str]
    comments: list[ReadyComment]
    comments_skipped: Counter[Reason]
    warnings: list[Note]
    is_page: bool = False


def prepare(post: SourcePost, moment: datetime) -> ReadyPost | Skip:
    """Apply the rules. `moment` is when the import runs: it tells past from future and dates what has no date."""
    rendered = _rendered(post)
    if isinstance(rendered, Reason):
        return Skip(Note(post.label, rendered))
    _resolve_time(post, moment)
    title = _title(post, rendered.text)
    at = post.at or moment
    created = min(post.created_at or at, moment)
    tags = _tags(post)
    row: dict[str, Any] = {
        "title": title,
        "body": rendered.html if post.body_format == BodyFormat.HTML else post.body,
        "body_format": post.body_format,
        "body_html": rendered.html,
        "body_text": rendered.text,
        "excerpt": cut(one_line(post.excerpt), MAX_EXCERPT) or None,
        "status": post.status,
        "published_at": at if post.status != PostStatus.DRAFT or (post.was_published and at <= moment) else None,
        "is_featured": post.is_featured,
        "meta": _metadata(post),
        "import_key": post.key,
        "inserted_at": created,
        "updated_at": min(max(post.updated_at or created, created), moment),
        "edited_at": post.edited_at and min(max(post.edited_at, created), moment),
    }
    return ReadyPost(
        key=post.key,
        made_from=post.made_from,
        fingerprint=post.fingerprint,
        label=post.label,
        slug=slugify(post.slug or title, max_length=MAX_SLUG),
        author=post.author,
        row=row,
        tags=tags,
        old_slugs=_old_slugs(post),
        comments=[_comment(comment, min(at, moment)) for comment in post.comments],
        comments_skipped=post.comments_skipped,
        warnings=post.warnings,
        is_page=post.is_page,
    )


def _rendered(post: SourcePost) -> markup.Rendered | Reason:
    if len(post.body) > (MAX_SOURCE if post.body_format == BodyFormat.HTML else MAX_BODY):
        return Reason.TOO_BIG
    if is_too_deep(post.body):
        return Reason.TOO_DEEP
    rendered = markup.render(post.body, post.body_format)
    if len(rendered.html) > MAX_BODY and post.body_format == BodyFormat.HTML:
        return Reason.TOO_BIG
    if post.body_format == BodyFormat.MARKDOWN:
        is_enough = len(post.body) >= MIN_BODY and not is_blank(post.body)
    else:
        shows_something = not is_blank(rendered.text) or any(tag in rendered.html for tag in _HAS_PICTURE)
        is_enough = len(rendered.html) >= MIN_BODY and shows_something
    return rendered if is_enough else Reason.NO_BODY


def _resolve_time(post: SourcePost, moment: datetime) -> None:
    """What was to be published by now is; what says it is published in the future waits; no date means now."""
    if post.at is None and post.status != PostStatus.DRAFT:
        post.warn(Reason.DATE_UNKNOWN)
        post.at = moment
    if post.at is not None and post.status != PostStatus.DRAFT:
        post.status = PostStatus.PUBLISHED if post.at <= moment else PostStatus.SCHEDULED


def _title(post: SourcePost, text: str) -> str:
    """At least three characters: of an empty title the first words, of a short one with its date."""
    title = one_line(post.title)
    if is_blank(title):
        title = cut(" ".join(text.split()[:10]), 80) or post.slug
    elif len(title) <= MAX_TITLE and len(title) >= MIN_TITLE:
        return title
    if len(title) > MAX_TITLE:
        post.warn(Reason.TITLE_CUT)
        return cut(title, MAX_TITLE)
    post.warn(Reason.TITLE_MADE)
    if len(title) < MIN_TITLE:
        date = f"{post.at:%Y-%m-%d}" if post.at else post.slug
        title = " – ".join(filter(None, [title, date]))
    return title if len(title) >= MIN_TITLE else f"Post {title}".strip()


def _tags(post: SourcePost) -> list[SourceTag]:
    """By slug, each once. Names that leave nothing for a slug, such as an emoji, get one of their own."""
    found: dict[str, SourceTag] = {}
    for tag in post.tags:
        name = cut(one_line(tag.name), MAX_TAG)
        if is_blank(name):
            continue
        slug = tag_slug(name, tag.slug)
        found.setdefault(slug, SourceTag(name, slug))
    tags = list(found.values())
    if len(tags) > MAX_TAGS:
        post.warn(Reason.TAGS_CUT, ", ".join(tag.name for tag in tags[MAX_TAGS:]))
    return tags[:MAX_TAGS]


def _metadata(post: SourcePost) -> dict[str, Any]:
    """With what the post was made from. What a form would not take goes, then the largest values until all fits."""
    meta = {name: value for name, value in post.meta.items() if _may_stay({name: value})}
    for name in post.meta.keys() - meta.keys():
        post.warn(Reason.METADATA_CUT, name)
    while len(orjson.dumps(meta)) > MAX_META:
        largest = max(meta, key=lambda name: len(orjson.dumps(meta[name])))
        del meta[largest]
        post.warn(Reason.METADATA_CUT, largest)
    return meta | {"import": {"from": post.made_from, "fingerprint": post.fingerprint}}


def _may_stay(meta: dict[str, Any]) -> bool:
    return is_storable(meta) and is_jsonable(meta)


def _old_slugs(post: SourcePost) -> list[str]:
    """Addresses that lead to the post: former ones, and its own where it can't be kept as it was written."""
    wished = [*post.old_slugs, post.slug]
    return list(dict.fromkeys(slug for slug in wished if 0 < len(slug) <= MAX_SLUG and "/" not in slug))


def _comment(comment: SourceComment, fallback: datetime) -> ReadyComment:
    html = comment.body[: 4 * MAX_COMMENT]
    html = html if _is_plain(html) else sanitise_note(html)
    at = comment.at or fallback
    name = cut(comment.author_name, MAX_NAME)
    row: dict[str, Any] = {
        "author_name": "" if comment.author else (name if not is_blank(name) else _nameless(comment)),
        "author_url": comment.author_url if comment.author_url and len(comment.author_url) <= MAX_URL else None,
        "body": cut(as_markdown(html), MAX_COMMENT),
        "body_html": html,
        "kind": comment.kind,
        "import_key": comment.key,
        "inserted_at": at,
        "updated_at": at,
    }
    return ReadyComment(comment.key, comment.parent, comment.author, row)


def _is_plain(html: str) -> bool:
    """Whether it is nothing but lines of words, as most comments are: then no parser need look at it."""
    tags = html.count("<p>") + html.count("</p>") + html.count("<br>")
    return "&" not in html and html.count("<") == html.count(">") == tags


def _nameless(comment: SourceComment) -> str:
    if comment.kind != CommentKind.COMMENT and comment.author_url:
        return cut(comment.author_url.split("/")[2], MAX_NAME)
    return "Anonymous"
