"""An import as people see it: how far it is, what came in, what did not and why, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from myapp.blog.importing.report import Note, Reason, Summary
from myapp.blog.importing.words import explain, explain_refusal
from myapp.blog.imports.uploads import located
from myapp.blog.schemas import Import, ImportKind, ImportStatus

COUNTS = (
    "posts", "pages", "drafts", "scheduled", "comments", "pingbacks", "trackbacks", "tags", "authors", "attachments",
    "unchanged", "changed", "skipped", "comments_skipped", "warned",
)  # fmt: skip
"""In the order in which they are shown. Drafts and scheduled ones are among the posts and pages."""
RESUMABLE = {ImportStatus.INTERRUPTED, ImportStatus.FAILED}


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An item and what happened to it."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many items or comments something happened to."""

    why: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportCard:
    """One import. `total` is 0 until the source has been looked into; `done` counts items of the source."""

    id: UUID
    org_id: UUID
    kind: ImportKind
    filename: str
    status: ImportStatus
    done: int
    total: int
    inserted_at: datetime
    updated_at: datetime
    counts: dict[str, int]
    """By the names in `COUNTS`, without those that are 0."""
    skipped: list[ImportLine]
    warnings: list[ImportLine]
    reasons: list[ReasonCount]
    failure: str | None
    """Why the source, or the rest of it, could not be read, with line and column where it has them."""
    can_resume: bool

    @property
    def is_over(self) -> bool:
        return self.status not in {ImportStatus.QUEUED, ImportStatus.RUNNING}

    @property
    def percent(self) -> int:
        """Of the items, rounded down: 100 only at the end."""
        return self.done * 100 // self.total if self.total else 0

    @classmethod
    def of(cls, row: Import) -> Self:
        summary = Summary.from_json(row.summary)
        refusal = summary.refusal
        return cls(
            id=row.id,
            org_id=row.org_id,
            kind=row.kind,
            filename=row.filename,
            status=row.status,
            done=row.done,
            total=row.total,
            inserted_at=row.inserted_at,
            updated_at=row.updated_at,
            counts={name: summary.counts[name] for name in COUNTS if summary.counts[name]},
            skipped=_lines(summary.skipped),
            warnings=_lines(summary.warnings),
            reasons=[_counted(kind, count) for kind, count in summary.reasons.most_common()],
            failure=explain_refusal(refusal) if refusal else None,
            can_resume=row.status in RESUMABLE and located(row.path).exists(),
        )


def _counted(kind: str, count: int) -> ReasonCount:
    why, _, detail = kind.partition(":")
    return ReasonCount(explain(Reason(why), detail or "…"), count)


def _lines(notes: list[Note]) -> list[ImportLine]:
    return [ImportLine(note.item, explain(note.why, note.detail)) for note in notes]
