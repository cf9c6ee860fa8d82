"""The comments of an item: those that readers saw, two deep, and how many stay out for which reason.

An account is named only for a comment that was written by somebody logged in who is an author of the export. A mail
address proves nothing, since any visitor can type anybody's, so it is not even read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from myapp.blog.importing.items import SourceComment, import_key
from myapp.blog.importing.report import Reason
from myapp.blog.importing.text import parse_time, plain_line
from myapp.blog.importing.wordpress._paragraphs import paragraphs
from myapp.blog.importing.wordpress._survey import Survey
from myapp.blog.importing.wordpress._xml import Record
from myapp.blog.schemas import CommentKind
from myapp.kit.changeset.validation import is_blank

_KINDS = {
    "": CommentKind.COMMENT,
    "comment": CommentKind.COMMENT,
    "pingback": CommentKind.PINGBACK,
    "trackback": CommentKind.TRACKBACK,
}
_STATES = {
    "0": Reason.UNAPPROVED,
    "hold": Reason.UNAPPROVED,
    "spam": Reason.SPAM,
    "trash": Reason.COMMENT_TRASH,
    "post-trashed": Reason.COMMENT_TRASH,
}
_APPROVED = frozenset({"1", "approve", "approved"})
_HEADING = re.compile(r"<(/?)h[1-6]\b[^<>]*>", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"']{1,500}", re.IGNORECASE)

type Fields = Mapping[str, str]


def read_comments(record: Record, post_key: str, about: Survey) -> tuple[list[SourceComment], Counter[Reason]]:
    """The comments to keep, threads before their replies, and the others counted."""
    found: dict[str, Fields] = {}
    skipped: Counter[Reason] = Counter()
    kept: list[str] = []
    for number, raw in enumerate(record.nested.get("wp:comment", ())):
        fields = {name: value.strip() for name, value in raw.items()}
        key = fields.get("wp:comment_id") or f"n{number}"
        if key in found:
            continue
        found[key] = fields
        if why := _why_not(fields):
            skipped[why] += 1
        else:
            kept.append(key)
    tops = _threads(found, {key for key in kept if _kind(found[key]) == CommentKind.COMMENT})
    comments = [_comment(found[key], key, tops.get(key), post_key, about) for key in kept]
    comments.sort(key=lambda comment: comment.parent is not None)
    return comments, skipped


def _why_not(fields: Fields) -> Reason | None:
    state = fields.get("wp:comment_approved", "1")
    if state not in _APPROVED:
        return _STATES.get(state, Reason.UNAPPROVED)
    if fields.get("wp:comment_type", "") not in _KINDS:
        return Reason.COMMENT_TYPE
    body = fields.get("wp:comment_content", "")
    has_words = not is_blank(plain_line(body) if "<" in body or "&" in body else body)
    return None if has_words else Reason.COMMENT_EMPTY


def _threads(found: Mapping[str, Fields], kept: set[str]) -> dict[str, str]:
    """The thread each kept reply belongs to: its highest ancestor that is kept. Rings of replies have no highest.

    Every comment is walked over once, however long the chain of replies is.
    """
    tops: dict[str, str | None] = {}
    for key in found:
        path: dict[str, None] = {}
        at = key
        while at in found and at not in path and at not in tops:
            path[at] = None
            at = found[at].get("wp:comment_parent", "0")
        is_ring, top = at in path, tops.get(at)
        for ancestor in reversed(path):
            if top is None and not is_ring and ancestor in kept:
                top = ancestor
            tops[ancestor] = top
            is_ring = is_ring and ancestor != at
    return {key: top for key in kept if (top := tops[key]) is not None and top != key}


def _comment(fields: Fields, key: str, top: str | None, post_key: str, about: Survey) -> SourceComment:
    url = fields.get("wp:comment_author_url", "")
    return SourceComment(
        key=import_key(post_key, "comment", key),
        parent=import_key(post_key, "comment", top) if top else None,
        body=paragraphs(_HEADING.sub(r"<\1p>", fields.get("wp:comment_content", ""))),
        at=_at(fields, about),
        author=about.logins_by_id.get(fields.get("wp:comment_user_id", "")),
        author_name=plain_line(fields.get("wp:comment_author", "")),
        author_url=url if _WEB.fullmatch(url) else None,
        kind=_kind(fields),
    )


def _kind(fields: Fields) -> CommentKind:
    return _KINDS[fields.get("wp:comment_type", "")]


def _at(fields: Fields, about: Survey) -> datetime | None:
    universal = parse_time(fields.get("wp:comment_date_gmt", ""))
    return universal or parse_time(fields.get("wp:comment_date", ""), about.zone)
