"""Who asks, in which organisation, with which role: ids only, never rows.

Every context function takes a `Scope` first, as Phoenix 1.8's generated contexts do. It is made at the edge (page,
request, socket, job) and never changes on the way down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member may do in an organisation; `at_least` compares."""

    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Scope:
    """The acting person and organisation. `reason` is set for system scopes only (jobs, imports, the command line).

    `session_id` is the browser session the person acts in; somebody who acts by a key or a job has none.
    """

    user_id: UUID | None = None
    org_id: UUID | None = None
    role: Role | None = None
    is_operator: bool = False
    reason: str = ""
    session_id: UUID | None = None

    @classmethod
    def anonymous(cls, org_id: UUID | None = None) -> Scope:
        """A visitor, perhaps looking at one organisation."""
        return cls(org_id=org_id)

    @classmethod
    def system(cls, reason: str, org_id: UUID | None = None) -> Scope:
        """The application itself, within one organisation or over all of them."""
        if not reason:
            raise ValueError("a system scope says why it acts")
        return cls(org_id=org_id, reason=reason)

    @property
    def is_system(self) -> bool:
        return bool(self.reason)

    @property
    def is_member(self) -> bool:
        """Belongs to the organisation at hand."""
        return self.org_id is not None and self.role is not None

    def at_least(self, role: Role) -> bool:
        """Has this role or a higher one in the organisation at hand; the system and operators always do."""
        if self.is_system or self.is_operator:
            return True
        return self.org_id is not None and self.role is not None and self.role.rank >= role.rank
