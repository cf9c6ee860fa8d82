"""One `item` of an export as a post, or as the reason why it is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from myapp.blog import markup
from myapp.blog.importing.items import Aside, Item, Skip, SourcePost, SourceTag, import_key
from myapp.blog.importing.report import Note, Reason
from myapp.blog.importing.text import fingerprint, parse_time, plain_line
from myapp.blog.importing.wordpress._comments import read_comments
from myapp.blog.importing.wordpress._html import to_html
from myapp.blog.importing.wordpress._shortcodes import Media
from myapp.blog.importing.wordpress._survey import Survey, meta
from myapp.blog.importing.wordpress._xml import Record
from myapp.blog.schemas import BodyFormat, ImportKind, PostStatus

MAX_CUSTOM_FIELDS = 50
MAX_CUSTOM_VALUE = 2000

_POSTS = frozenset({"post", "page"})
_STATUSES = {
    "publish": PostStatus.PUBLISHED,
    "future": PostStatus.SCHEDULED,
    "draft": PostStatus.DRAFT,
    "pending": PostStatus.DRAFT,
    "private": PostStatus.DRAFT,
}
_LEFT_OUT = {"trash": Reason.TRASH, "auto-draft": Reason.AUTO_DRAFT}
_CATEGORY = "category"
_TAGS = frozenset({"post_tag", "tag"})
_SERIALISED = re.compile(r"(?:[aO]:\d+:|s:\d+:\"|[bid]:-?[\d.]+;)")


def read_item(record: Record, about: Survey) -> Item:
    """What the record is."""
    fields = {name: value.strip() for name, value in record.fields.items()}
    kind, status = fields.get("wp:post_type") or "post", fields.get("wp:status") or "publish"
    label = plain_line(fields.get("title", "")) or fields.get("wp:post_name") or f"#{fields.get('wp:post_id', '?')}"
    if record.too_big:
        return Skip(Note(label, Reason.TOO_BIG))
    if kind == "attachment":
        used = fields.get("wp:post_parent", "0") not in {"", "0"} or fields.get("wp:post_id") in about.covers
        return Aside() if used else Skip(Note(label, Reason.UNATTACHED))
    if kind not in _POSTS:
        return Skip(Note(label, Reason.POST_TYPE, kind))
    if status in _LEFT_OUT:
        return Skip(Note(label, _LEFT_OUT[status]))
    return _post(record, fields, label, about)


def _post(record: Record, fields: dict[str, str], label: str, about: Survey) -> SourcePost:
    post_id = fields.get("wp:post_id", "")
    children = tuple(about.children.get(post_id, ()))
    converted = to_html(record.fields.get("content:encoded", ""), Media(about.attachments, children))
    post = SourcePost(
        key=import_key("wordpress", fields.get("guid", ""), post_id),
        made_from=ImportKind.WORDPRESS,
        fingerprint=_fingerprint(record),
        label=label,
        title=plain_line(fields.get("title", "")),
        body=converted.html,
        body_format=BodyFormat.HTML,
        slug=unquote(fields.get("wp:post_name", "")),
        excerpt=markup.plain_text(fields.get("excerpt:encoded") or converted.teaser),
        at=_date(fields, about),
        updated_at=parse_time(fields.get("wp:post_modified_gmt", "")),
        author=fields.get("dc:creator") or None,
        is_featured=fields.get("wp:is_sticky") == "1",
        is_page=fields.get("wp:post_type") == "page",
        tags=_tags(record),
        old_slugs=[unquote(value.strip()) for name, value in meta(record) if name == "_wp_old_slug"],
    )
    post.meta = _metadata(record, fields, about)
    post.comments, post.comments_skipped = read_comments(record, post.key, about)
    if unreadable := converted.html.count("\ufffd") + post.title.count("\ufffd"):
        post.warn(Reason.BAD_CHARACTERS, str(unreadable))
    if converted.left:
        post.warn(Reason.SHORTCODES, ", ".join(converted.left))
    _set_status(post, fields)
    return post


def _fingerprint(record: Record) -> str:
    """Of what a person may have changed over there. Comments are items of their own."""
    names = ("title", "content:encoded", "excerpt:encoded", "wp:status", "wp:post_name", "wp:post_password")
    labels = (f"{attributes.get('domain')}:{text}" for name, attributes, text in record.labels if name == "category")
    return fingerprint(*(record.fields.get(name, "") for name in names), *labels)


def _set_status(post: SourcePost, fields: dict[str, str]) -> None:
    status = fields.get("wp:status") or "publish"
    post.status = _STATUSES.get(status, PostStatus.DRAFT)
    if status == "private":
        post.warn(Reason.PRIVATE)
    elif status not in _STATUSES:
        post.warn(Reason.UNKNOWN_STATUS, status)
    if fields.get("wp:post_password"):
        post.status = PostStatus.DRAFT
        post.warn(Reason.PASSWORD)


def _date(fields: dict[str, str], about: Survey) -> datetime | None:
    """The time in UTC where the export has it, else the blog's own by its clock (all that drafts have)."""
    if found := parse_time(fields.get("wp:post_date_gmt", "")):
        return found
    if found := parse_time(fields.get("wp:post_date", ""), about.zone):
        return found
    try:
        found = parsedate_to_datetime(fields.get("pubDate", ""))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, IndexError, OverflowError):
        return None


def _tags(record: Record) -> list[SourceTag]:
    """Categories and tags. Version 1.0 names each twice, once without a slug."""
    tags: dict[str, SourceTag] = {}
    for name, attributes, text in record.labels:
        title = plain_line(text)
        if name == "category" and title and attributes.get("domain", _CATEGORY) in {_CATEGORY, *_TAGS}:
            known = tags.setdefault(title.casefold(), SourceTag(title))
            known.slug = known.slug or unquote(attributes.get("nicename", ""))
    return list(tags.values())


def _taxonomies(record: Record) -> dict[str, list[str]]:
    """What the item is filed under, by taxonomy; each name once."""
    found: dict[str, dict[str, None]] = {}
    for name, attributes, text in record.labels:
        if name == "category" and (title := plain_line(text)):
            found.setdefault(attributes.get("domain", "category"), {})[title] = None
    return {domain: list(names) for domain, names in sorted(found.items())}


def _metadata(record: Record, fields: dict[str, str], about: Survey) -> dict[str, Any]:
    """The custom fields people filled in, then what we keep of the post itself; empty values are left out."""
    post_id = fields.get("wp:post_id", "")
    cover = next((value.strip() for name, value in meta(record) if name == "_thumbnail_id"), "")
    filed = _taxonomies(record)
    origin = {
        "id": post_id,
        "link": fields.get("link", ""),
        "status": fields.get("wp:status", ""),
        "parent": fields.get("wp:post_parent", "").removeprefix("0"),
    }
    kept = {
        "type": "page" if fields.get("wp:post_type") == "page" else "",
        "categories": filed.get(_CATEGORY, []),
        "taxonomies": {domain: names for domain, names in filed.items() if domain not in {_CATEGORY, *_TAGS}},
        "cover": about.attachments[cover].as_json() if cover in about.attachments else None,
        "attachments": [about.attachments[key].as_json() for key in about.children.get(post_id, ())],
        "wordpress": {name: value for name, value in origin.items() if value},
    }
    return _custom_fields(record) | {name: value for name, value in kept.items() if value}


def _custom_fields(record: Record) -> dict[str, Any]:
    """Those with a readable name and value: not WordPress's own, nor what plugins store in PHP's format."""
    found: dict[str, Any] = {}
    for name, value in meta(record):
        text = value.strip()
        readable = name and not name.startswith("_") and text and not _SERIALISED.match(text)
        if not readable or len(name) > MAX_CUSTOM_FIELDS or len(text) > MAX_CUSTOM_VALUE:
            continue
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), text][:MAX_CUSTOM_FIELDS]
        elif len(found) < MAX_CUSTOM_FIELDS:
            found[name] = text
    return found
