"""Who asks, in which organisation, with which role: ids only, never rows.

Every context function takes a `Scope` first, as Phoenix 1.8's generated contexts do. It is made at the edge (page,
request, socket, job) and never changes on the way down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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


class Grant(StrEnum):
    """What a key may be good for. Seeing what the person sees as a member is part of every key."""

    READ = "read"
    WRITE = "write"  # change things, too
    MANAGE = "manage"  # with the rights that the person's role, or being an operator, gives above a member's


@dataclass(frozen=True, slots=True)
class Scope:
    """The acting person and organisation. `reason` is set for system scopes only (jobs, imports, the command line).

    `session_id` is the browser session the person acts in; somebody who acts by a key or a job has none. `grants` is
    what a key (`api_key_id`) limits the person to, and None where nothing is limited. A scope that may not write is
    refused by every policy (`kit/policy.py`), and by PostgreSQL: its transactions are read-only.
    """

    user_id: UUID | None = None
    org_id: UUID | None = None
    role: Role | None = None
    is_operator: bool = False
    reason: str = ""
    session_id: UUID | None = None
    grants: frozenset[Grant] | None = None
    api_key_id: UUID | None = None

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
    def may_write(self) -> bool:
        """Whether what it acts by lets it change anything at all; what of it, policies say."""
        return self.grants is None or Grant.WRITE in self.grants

    def limited_to(self, grants: frozenset[Grant]) -> Scope:
        """The same person by a key that is good for this and no more."""
        if Grant.MANAGE in grants:
            return replace(self, grants=grants)
        return replace(self, grants=grants, role=Role.MEMBER if self.role else None, is_operator=False)

    @property
    def outside(self) -> Scope:
        """The same in no organisation: what one does to one's own account is the business of none."""
        return replace(self, org_id=None, role=None)

    @property
    def is_member(self) -> bool:
        """Belongs to the organisation at hand."""
        return self.org_id is not None and self.role is not None

    def at_least(self, role: Role) -> bool:
        """Has this role or a higher one in the organisation at hand; the system and operators always do."""
        if self.is_system or self.is_operator:
            return True
        return self.org_id is not None and self.role is not None and self.role.rank >= role.rank
