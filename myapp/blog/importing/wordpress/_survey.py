"""What the whole of an export says before its first post is read."""

from __future__ import annotations

import mimetypes
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta, timezone

from myapp.accounts import ForeignAuthor
from myapp.blog.importing.report import Refused
from myapp.blog.importing.text import cut, parse_time, plain_line
from myapp.blog.importing.wordpress._shortcodes import Attachment
from myapp.blog.importing.wordpress._xml import Record

MAX_ATTACHMENTS = 200_000
MAX_AUTHORS = 20_000
MAX_LINE = 500
MAX_URL = 2000
MAX_OFFSET = timedelta(hours=15)


FIELDS = frozenset(
    {
        "title",
        "excerpt:encoded",
        "wp:attachment_url",
        "wp:author_display_name",
        "wp:author_email",
        "wp:author_first_name",
        "wp:author_id",
        "wp:author_last_name",
        "wp:author_login",
        "wp:post_date",
        "wp:post_date_gmt",
        "wp:post_id",
        "wp:post_parent",
        "wp:post_type",
        "wp:postmeta",
    }
)
"""What a survey looks at."""


def meta(record: Record) -> Iterator[tuple[str, str]]:
    """The custom fields of an item; WordPress keeps its own under names that begin with an underscore."""
    for pair in record.nested.get("wp:postmeta", ()):
        yield pair.get("wp:meta_key", "").strip(), pair.get("wp:meta_value", "")


def _key(text: str) -> str:
    """An id. They are numbers; what is longer than any number is kept no longer."""
    return text.strip()[:20]


def _line(text: str) -> str:
    """A name or title: what is kept of each item to the end must be small."""
    return cut(plain_line(text[: 4 * MAX_LINE]), MAX_LINE)


@dataclass(slots=True)
class Survey:
    """Items counted, and what they refer to by name or id."""

    total: int = 0
    authors: dict[str, ForeignAuthor] = field(default_factory=dict[str, ForeignAuthor])
    logins_by_id: dict[str, str] = field(default_factory=dict[str, str])
    attachments: dict[str, Attachment] = field(default_factory=dict[str, Attachment])
    children: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    """The attachments of a post, by ids."""
    covers: set[str] = field(default_factory=set[str])
    offsets: Counter[int] = field(default_factory=Counter[int])
    """How many minutes the blog's clock was ahead of UTC, by how many items say so."""
    broken: Refused | None = None
    """Where the source breaks off."""

    @property
    def zone(self) -> timezone:
        """The blog's clock, for items that give only its time."""
        minutes = self.offsets.most_common(1)[0][0] if self.offsets else 0
        return timezone(timedelta(minutes=minutes))

    def note(self, record: Record) -> None:
        """Take what others refer to from one record."""
        if record.name == "wp:author":
            self._note_author(record.fields)
        elif record.name == "item":
            self.total += 1
            self._note_clock(record.fields)
            self.covers.update(_key(value) for name, value in meta(record) if name == "_thumbnail_id")
            if record.fields.get("wp:post_type", "").strip() == "attachment":
                self._note_attachment(record)

    def _note_clock(self, fields: dict[str, str]) -> None:
        local, universal = parse_time(fields.get("wp:post_date", "")), parse_time(fields.get("wp:post_date_gmt", ""))
        if local and universal and abs(local - universal) < MAX_OFFSET:
            self.offsets[round((local - universal) / timedelta(minutes=1))] += 1

    def _note_author(self, fields: dict[str, str]) -> None:
        """WordPress shows `display_name`. Version 1.0 has no authors at all, only logins on its posts."""
        login, key = fields.get("wp:author_login", "").strip(), _key(fields.get("wp:author_id", ""))
        if not login or len(login) > MAX_LINE or len(self.authors) >= MAX_AUTHORS:
            return
        full = f"{fields.get('wp:author_first_name', '')} {fields.get('wp:author_last_name', '')}"
        name = _line(fields.get("wp:author_display_name", "")) or _line(full)
        self.authors[login] = ForeignAuthor(login, _line(fields.get("wp:author_email", "")), name)
        if key:
            self.logins_by_id[key] = login

    def _note_attachment(self, record: Record) -> None:
        fields = record.fields
        url, key = fields.get("wp:attachment_url", "").strip(), _key(fields.get("wp:post_id", ""))
        is_on_web = url.lower().startswith(("http://", "https://")) and len(url) <= MAX_URL
        if not is_on_web or len(self.attachments) >= MAX_ATTACHMENTS:
            return
        alt = next((value for name, value in meta(record) if name == "_wp_attachment_image_alt"), "")
        self.attachments[key] = Attachment(
            url=url,
            title=_line(fields.get("title", "")),
            mime=mimetypes.guess_type(url.partition("?")[0])[0] or "",
            alt=_line(alt),
            caption=_line(fields.get("excerpt:encoded", "")),
        )
        parent = _key(fields.get("wp:post_parent", ""))
        if parent not in {"", "0"}:
            self.children[parent].append(key)
