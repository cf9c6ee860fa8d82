"""What the page of imports holds for the browser: one flat row an import."""

from __future__ import annotations

from typing import TypedDict

from myapp.blog import ImportCard, ImportLine


class Line(TypedDict):
    """An item and what happened to it."""

    item: str
    why: str


class Count(TypedDict):
    """How many of what came in (the page has the word for `name`), or how often a reason was given."""

    name: str
    count: int


class ImportRow(TypedDict):
    """One import. `done` of `total` items; `total` is 0 while nobody has looked into the source."""

    id: str
    filename: str
    kind: str
    status: str
    at: str
    done: int
    total: int
    percent: int
    failure: str
    can_resume: bool
    counts: list[Count]
    reasons: list[Count]
    skipped: list[Line]
    skipped_count: int
    warnings: list[Line]
    warning_count: int


SHOWN = ("posts", "pages", "drafts", "scheduled", "comments", "pingbacks", "trackbacks", "tags", "authors",
         "attachments", "unchanged", "changed", "comments_skipped")  # fmt: skip
"""In this order; what was skipped and what there is to know about the rest have lists of their own."""


def import_row(card: ImportCard) -> ImportRow:
    """The card as a row."""
    return ImportRow(
        id=str(card.id),
        filename=card.filename,
        kind=card.kind,
        status=card.status,
        at=card.inserted_at.isoformat(),
        done=card.done,
        total=card.total,
        percent=card.percent,
        failure=card.failure or "",
        can_resume=card.can_resume,
        counts=[Count(name=name, count=card.counts[name]) for name in SHOWN if card.counts.get(name)],
        reasons=[Count(name=each.why, count=each.count) for each in card.reasons],
        skipped=_lines(card.skipped),
        skipped_count=card.counts.get("skipped", 0),
        warnings=_lines(card.warnings),
        warning_count=card.counts.get("warned", 0),
    )


def _lines(lines: list[ImportLine]) -> list[Line]:
    return [Line(item=line.item, why=line.why) for line in lines]
