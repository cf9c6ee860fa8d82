"""What a list of posts is asked for, as it stands in its URL and in the topic of its stream: filters and order.

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
from urllib.parse import parse_qsl, urlencode

from myapp.blog import PostFilters, PostStatus, Sort

MAX_LENGTH = 200  # of one value in the address
MAX_TAGS = 8
EVERY_STATUS = "all"
SORTS: tuple[Sort, ...] = get_args(Sort.__value__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of posts as an address says it."""

    filters: PostFilters = field(default_factory=PostFilters)
    sort: Sort = "newest"

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
        }
        return {name: part for name, part in parts.items() if part}

    @property
    def query(self) -> str:
        """The one way to write the address of this list, whatever order its tags were given in."""
        tags = tuple(sorted(self.filters.tags))
        return urlencode(replace(self, filters=replace(self.filters, tags=tags)).address, doseq=True)

    @property
    def is_descending(self) -> bool:
        """Whether what is greatest comes first."""
        return self.sort != "oldest"

    @property
    def sorted_by(self) -> tuple[str, ...]:
        """The values of a post that the list is ordered by, before its id."""
        if self.sort == "views":
            return ("view_count",)
        return ("published_at",) if self.filters.status is PostStatus.PUBLISHED else ("dated_at",)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order narrows the list."""
        return self.filters != PostFilters()

    def having(self, name: str, value: str) -> Listing:
        """The list with this part of the address set (a tag: added)."""
        read = _PARTS.get(name)
        if read is None:
            return self
        return read(self, value[:MAX_LENGTH].strip())

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
        """The list with these filters."""
        return replace(self, filters=replace(self.filters, **changes))


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
    return replace(listing, sort=sort)


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
}
