"""What an import has to say: counts, and bounded lists of what was skipped or changed on the way in, each with its why.

A reason is stored as a code with an optional detail and put into words (`words.py`) when somebody reads it, so that the
words are in the reader's language and not in that of whoever started the import.

>>> summary = Summary()
>>> summary.skip(Note("Old news", Reason.TRASH))
>>> summary.as_json()["skipped"]
[{'item': 'Old news', 'why': 'trash', 'detail': ''}]
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

MAX_NOTES = 25
"""Notes kept for each reason, so that a thousand of one kind do not hide the others; the counts go on."""
MAX_LABEL = 120
MAX_KINDS = 100
"""Reasons told apart by their detail: a site has some twenty types of posts, a hostile file as many as it likes."""


class Reason(StrEnum):
    """Why an item stayed out, came in changed, or why a whole source was refused."""

    # left out
    TRASH = "trash"
    AUTO_DRAFT = "auto_draft"
    POST_TYPE = "post_type"
    NO_BODY = "no_body"
    TOO_BIG = "too_big"
    TOO_DEEP = "too_deep"
    DUPLICATE = "duplicate"
    UNATTACHED = "unattached"
    REJECTED = "rejected"
    NOT_MARKDOWN = "not_markdown"
    NOT_UTF8 = "not_utf8"
    FRONT_MATTER = "front_matter"
    UNSAFE_PATH = "unsafe_path"
    SYMLINK = "symlink"
    UNREADABLE = "unreadable"
    # comments left out
    UNAPPROVED = "unapproved"
    SPAM = "spam"
    COMMENT_TRASH = "comment_trash"
    COMMENT_TYPE = "comment_type"
    COMMENT_EMPTY = "comment_empty"
    # came in, but
    PRIVATE = "private"
    PASSWORD = "password"  # noqa: S105 - a post's, and never stored
    UNKNOWN_STATUS = "unknown_status"
    TITLE_CUT = "title_cut"
    TITLE_MADE = "title_made"
    DATE_UNKNOWN = "date_unknown"
    AUTHOR_BY_NAME = "author_by_name"
    SHORTCODES = "shortcodes"
    SLUG_TAKEN = "slug_taken"
    CHANGED = "changed"
    BAD_CHARACTERS = "bad_characters"
    TAGS_CUT = "tags_cut"
    METADATA_CUT = "metadata_cut"
    # the whole source
    BROKEN_XML = "broken_xml"
    TRUNCATED = "truncated"
    DOCTYPE = "doctype"
    NESTING = "nesting"
    HUGE_MARKUP = "huge_markup"
    ENCODING = "encoding"
    NOT_WORDPRESS = "not_wordpress"
    NOT_ZIP = "not_zip"
    TOO_MANY_FILES = "too_many_files"
    EMPTY = "empty"
    MISSING = "missing"
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"


class Refused(Exception):
    """A source, or the rest of it, can't be read: broken, hostile, or not what it was said to be."""

    def __init__(self, why: Reason, detail: str = "", *, line: int = 0, column: int = 0) -> None:
        super().__init__(why, detail, line, column)
        self.why = why
        self.detail = detail
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Note:
    """One item and what happened to it."""

    item: str
    why: Reason
    detail: str = ""

    @property
    def kind(self) -> str:
        """What it is counted as."""
        return f"{self.why}:{self.detail[:MAX_LABEL]}" if self.why == Reason.POST_TYPE else str(self.why)

    def as_json(self) -> dict[str, str]:
        label = self.item if len(self.item) <= MAX_LABEL else self.item[: MAX_LABEL - 1] + "…"
        return {"item": label, "why": str(self.why), "detail": self.detail[:MAX_LABEL]}

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Self:
        return cls(value["item"], Reason(value["why"]), value.get("detail", ""))


@dataclass(slots=True)
class Summary:
    """What came of an import so far. Every count is exact; the two lists hold the first `MAX_NOTES` of each reason."""

    counts: Counter[str] = field(default_factory=Counter[str])
    """posts, pages, drafts, comments, pingbacks, trackbacks, attachments, unchanged, skipped, warned."""
    reasons: Counter[str] = field(default_factory=Counter[str])
    """How often each reason was given, of posts and comments alike; `post_type:page` where the detail matters."""
    skipped: list[Note] = field(default_factory=list[Note])
    warnings: list[Note] = field(default_factory=list[Note])
    failure: dict[str, Any] = field(default_factory=dict[str, Any])
    """Why the source, or the rest of it, could not be read."""
    attempts: int = 0
    """How often it was begun: one whose process dies again and again is not begun for ever."""
    size: int = 0
    """Of the source in bytes: one that has changed is begun anew, not gone on with."""
    is_held: bool = False
    """Whether an operator ended it: it goes on when a person says so, and not by itself."""

    def skip(self, note: Note) -> None:
        """An item stays out."""
        kind = note.kind if note.kind in self.reasons or len(self.reasons) < MAX_KINDS else str(note.why)
        self.counts["skipped"] += 1
        self.reasons[kind] += 1
        if self.reasons[kind] <= MAX_NOTES:
            self.skipped.append(note)

    def warn(self, note: Note) -> None:
        """An item came in, and there is something to know about it."""
        self.counts["warned"] += 1
        self.reasons[note.why] += 1
        if self.reasons[note.why] <= MAX_NOTES:
            self.warnings.append(note)

    def leave_out_comments(self, reasons: Counter[Reason]) -> None:
        """Comments stay out; they are counted, not listed."""
        self.counts["comments_skipped"] += reasons.total()
        self.reasons.update({str(why): count for why, count in reasons.items()})

    def fail(self, refused: Refused) -> None:
        """The rest of the source can't be read."""
        self.failure = {
            "why": str(refused.why),
            "detail": refused.detail[:MAX_LABEL],
            "line": refused.line,
            "column": refused.column,
        }

    @property
    def refusal(self) -> Refused | None:
        """What `fail` was told."""
        if not self.failure:
            return None
        found = self.failure
        return Refused(Reason(found["why"]), found["detail"], line=found["line"], column=found["column"])

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "reasons": dict(self.reasons),
            "skipped": [note.as_json() for note in self.skipped],
            "warnings": [note.as_json() for note in self.warnings],
            "failure": self.failure,
            "attempts": self.attempts,
            "size": self.size,
            "is_held": self.is_held,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Of a row's `summary`; an empty one is that of an import that has not begun."""
        return cls(
            Counter(value.get("counts", {})),
            Counter(value.get("reasons", {})),
            [Note.from_json(note) for note in value.get("skipped", [])],
            [Note.from_json(note) for note in value.get("warnings", [])],
            value.get("failure", {}),
            value.get("attempts", 0),
            value.get("size", 0),
            value.get("is_held", False),
        )

    def copy(self) -> Self:
        """One to go on with in a transaction that may be rolled back."""
        return self.from_json(self.as_json())
