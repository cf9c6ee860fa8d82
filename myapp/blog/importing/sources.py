"""A source of either kind as the runner sees it, and its items in batches. Everything here runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic

from myapp.accounts import ForeignAuthor
from myapp.blog.importing import wordpress
from myapp.blog.importing.items import Aside, Item, Skip, SourcePost
from myapp.blog.importing.markdown import open_folder
from myapp.blog.importing.prepare import ReadyPost, prepare
from myapp.blog.importing.report import Note, Reason, Refused
from myapp.blog.schemas import ImportKind

MAX_POSTS = 100
MAX_COMMENTS = 2500
MAX_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Source:
    """Something that was looked into and can be read; `authors` may grow while it is."""

    total: int
    authors: Mapping[str, ForeignAuthor]
    items: Callable[[], Iterator[Item]]


@dataclass(slots=True)
class Batch:
    """What is written, and committed, together. `items` counts everything that was dealt with."""

    posts: list[ReadyPost] = field(default_factory=list[ReadyPost])
    skipped: list[Note] = field(default_factory=list[Note])
    asides: int = 0
    items: int = 0
    refused: Refused | None = None
    """The source can't be read any further."""

    @property
    def comments(self) -> int:
        return sum(len(post.comments) for post in self.posts)


def open_source(kind: ImportKind, path: Path, stop: Event | None = None) -> Source:
    """Look into the source. Raises `Refused` when it is hostile or not what it is said to be, or once `stop` is set."""
    if not path.exists():
        raise Refused(Reason.MISSING)
    try:
        if kind == ImportKind.WORDPRESS:
            about = wordpress.survey(path, stop)
            return Source(about.total, about.authors, lambda: wordpress.read(path, about))
        folder = open_folder(path)
        return Source(folder.total, folder.authors, folder.items)
    except OSError as error:
        raise Refused(Reason.UNREADABLE, error.strerror or "") from error


def batches(source: Source, *, done: int, moment: datetime) -> Iterator[Batch]:
    """The items after the first `done`, prepared; a batch is closed when it is large or took a third of a second."""
    seen: set[str] = set()
    batch, began = Batch(), monotonic()
    try:
        for number, item in enumerate(source.items()):
            if isinstance(item, SourcePost) and item.key in seen:
                item = Skip(Note(item.label, Reason.DUPLICATE))  # noqa: PLW2901 - it is read as what it turned out to be
            elif isinstance(item, SourcePost):
                seen.add(item.key)
            if number < done:
                continue
            _take(batch, item, moment)
            if len(batch.posts) >= MAX_POSTS or batch.comments >= MAX_COMMENTS or monotonic() - began > MAX_SECONDS:
                yield batch
                batch, began = Batch(), monotonic()
    except Refused as refused:
        batch.refused = refused
    except OSError as error:
        batch.refused = Refused(Reason.UNREADABLE, error.strerror or "")
    yield batch


def _take(batch: Batch, item: Item, moment: datetime) -> None:
    batch.items += 1
    found = prepare(item, moment) if isinstance(item, SourcePost) else item
    if isinstance(found, Skip):
        batch.skipped.append(found.note)
    elif isinstance(found, Aside):
        batch.asides += 1
    else:
        batch.posts.append(found)
