"""What a list of posts is asked for, as it stands in its URL: filters, order and place.

The URL is the one truth: a filter is set by going to another address, so reload, Back and a sent link all show the same
list. Whatever makes no sense in an address is left out, never an error.

    >>> listing = Listing.parse("q=tea&tag=asia&tag=travel&status=nonsense&from=2026-13-01")
    >>> listing.filters.text, listing.filters.tags, listing.filters.since
    ('tea', ('asia', 'travel'), None)
    >>> listing.without_tag("asia").address
    {'q': 'tea', 'tag': ['travel']}
    >>> listing.having("author", "ada").address
    {'q': 'tea', 'tag': ['asia', 'travel'], 'author': 'ada'}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import get_args
from urllib.parse import parse_qsl

from myapp.blog import PostFilters, PostStatus, Sort

MAX_LENGTH = 200  # of one value in the address
MAX_TAGS = 8
EVERY_STATUS = "all"
SORTS: tuple[Sort, ...] = get_args(Sort.__value__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of posts as an address says it. `after` and `before` are the cursors of a page; neither is the first."""

    filters: PostFilters = field(default_factory=PostFilters)
    sort: Sort = "newest"
    after: str = ""
    before: str = ""

    @classmethod
    def parse(cls, query: str) -> Listing:
        """Read the part of an address behind its question mark."""
        listing = cls()
        for name, value in parse_qsl(query):
            listing = listing.having(name, value)
        return listing

    @property
    def address(self) -> dict[str, str | list[str]]:
        """What `routes.posts(org, **listing.address)` needs; what is usual anyway is left out."""
        filters, usual = self.filters, PostFilters()
        parts: dict[str, str | list[str] | None] = {
            "q": filters.text,
            "tag": list(filters.tags),
            "author": filters.author,
            "status": "" if filters.status is usual.status else filters.status or EVERY_STATUS,
            "from": filters.since and filters.since.isoformat(),
            "to": filters.until and filters.until.isoformat(),
            "meta_key": filters.meta_key,
            "meta_value": filters.meta_value,
            "featured": "1" if filters.featured else "",
            "sort": "" if self.sort == "newest" else self.sort,
            "after": self.after,
            "before": self.before,
        }
        return {name: part for name, part in parts.items() if part}

    @property
    def is_first_page(self) -> bool:
        return not (self.after or self.before)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order narrows the list."""
        return self.filters != PostFilters()

    def having(self, name: str, value: str) -> Listing:
        """The list with this part of the address set (a tag: added). Another filter or order begins at its start."""
        read = _PARTS.get(name)
        if read is None:
            return self
        return read(self, value.strip()[:MAX_LENGTH])

    def without_tag(self, slug: str) -> Listing:
        """The list without this tag."""
        return self.narrowed(tags=tuple(tag for tag in self.filters.tags if tag != slug))

    def without(self, name: str) -> Listing:
        """The list without this part of the address; a key takes its value along."""
        return self.having(name, "").having("meta_value", "") if name == "meta_key" else self.having(name, "")

    def cleared(self) -> Listing:
        """The list of every published post, in the same order."""
        return Listing(sort=self.sort)

    def narrowed(self, **changes: object) -> Listing:
        """The list with these filters, at its start."""
        return replace(self, filters=replace(self.filters, **changes), after="", before="")


def _text(name: str) -> Callable[[Listing, str], Listing]:
    return lambda listing, value: listing.narrowed(**{name: value})


def _day(name: str) -> Callable[[Listing, str], Listing]:
    def read(listing: Listing, value: str) -> Listing:
        try:
            day = date.fromisoformat(value) if value else None
        except ValueError:
            day = None
        return listing.narrowed(**{name: day})

    return read


def _status(listing: Listing, value: str) -> Listing:
    if value == EVERY_STATUS:
        return listing.narrowed(status=None)
    known = value in set(PostStatus)
    return listing.narrowed(status=PostStatus(value) if known else PostStatus.PUBLISHED)


def _tag(listing: Listing, value: str) -> Listing:
    tags = listing.filters.tags
    if not value or value in tags or len(tags) >= MAX_TAGS:
        return listing
    return listing.narrowed(tags=(*tags, value))


def _sort(listing: Listing, value: str) -> Listing:
    sort = next((known for known in SORTS if known == value), "newest")
    return replace(listing, sort=sort, after="", before="")


_PARTS: dict[str, Callable[[Listing, str], Listing]] = {
    "q": _text("text"),
    "tag": _tag,
    "author": _text("author"),
    "status": _status,
    "from": _day("since"),
    "to": _day("until"),
    "meta_key": _text("meta_key"),
    "meta_value": _text("meta_value"),
    "featured": lambda listing, value: listing.narrowed(featured=value == "1"),
    "sort": _sort,
    "after": lambda listing, value: replace(listing, after=value, before=""),
    "before": lambda listing, value: replace(listing, before=value, after=""),
}
