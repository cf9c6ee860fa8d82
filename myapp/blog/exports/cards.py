"""An export as people see it: how far it is, until when its file is there, or why there is none, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from myapp.blog.schemas import Export, ExportFailure, ExportStatus
from myapp.kit.i18n import gettext, gettext_noop

UNFINISHED = (ExportStatus.QUEUED, ExportStatus.RUNNING)

_WHY = {
    ExportFailure.TOO_SLOW: gettext_noop("Reading the posts took too long. Try again when less is going on."),
    ExportFailure.NO_ROOM: gettext_noop("There is no room to keep the file. Try again later."),
    ExportFailure.LOST: gettext_noop("It was begun several times and never came to its end."),
    ExportFailure.CRASHED: gettext_noop("Something went wrong on our side. Try again."),
}


@dataclass(frozen=True, slots=True)
class ExportCard:
    """One export. `done` of `total` posts are in the file, whose `size` in bytes is known once it is there."""

    id: UUID
    org_id: UUID
    status: ExportStatus
    done: int
    total: int
    size: int | None
    failure: str | None
    """Why there is no file."""
    inserted_at: datetime
    expires_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status not in UNFINISHED

    @classmethod
    def of(cls, row: Export) -> Self:
        return cls(
            id=row.id,
            org_id=row.org_id,
            status=row.status,
            done=row.done,
            total=row.total,
            size=row.size,
            failure=gettext(_WHY[row.failure]) if row.failure else None,
            inserted_at=row.inserted_at,
            expires_at=row.expires_at,
        )
