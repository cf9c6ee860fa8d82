"""A deed of the audit trail as a page shows it: what changed, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import orjson

from myapp.kit import routes
from myapp.ops import AuditEntry
from myapp.web.components import dialog_link

LONGEST = 200  # characters of a value
MOST = 20  # fields
_ID = 12  # characters


class Change(TypedDict):
    """A field before and after; what was not there is empty."""

    field: str
    before: str
    after: str


class AuditRow(TypedDict):
    """One deed. `url` is who did it, `org_url` where, `subject_url` all that was done to the same thing."""

    id: str
    at: str
    actor: str
    url: str
    reason: str
    action: str
    subject: str
    subject_id: str
    subject_name: str
    subject_url: str
    org: str
    org_url: str
    ip: str
    changes: list[Change]


def audit_row(entry: AuditEntry) -> AuditRow:
    """The row of a deed."""
    return AuditRow(
        id=str(entry.id),
        at=entry.at.isoformat(),
        actor=entry.actor or "",
        url=routes.users(of=str(entry.actor_id)) + dialog_link(f"person-{entry.actor_id}") if entry.actor else "",
        reason=entry.reason,
        action=entry.action,
        subject=entry.subject_type,
        subject_id=entry.subject_id,
        subject_name=_short(entry.subject_id),
        subject_url=routes.ops_audit(what=entry.subject_id),
        org=entry.org_name or "",
        org_url=routes.organization(entry.org_slug) if entry.org_slug else "",
        ip=entry.ip or "",
        changes=changes(entry.before, entry.after),
    )


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """What differs, and what is only in one of them.

    >>> changes({"name": "Tea", "size": 1}, {"name": "Coffee", "size": 1})
    [{'field': 'name', 'before': 'Tea', 'after': 'Coffee'}]
    """
    old, new = before or {}, after or {}
    fields = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [Change(field=name, before=_text(old.get(name)), after=_text(new.get(name))) for name in fields[:MOST]]


def _short(subject_id: str) -> str:
    """Enough of an id to tell it from its neighbours: the ends of UUIDs of one day differ, their beginnings do not."""
    return subject_id if len(subject_id) <= _ID else f"…{subject_id[-_ID:]}"


def _text(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
