"""For whom PostgreSQL works in a transaction: what the policies of row-level security go by.

Every outermost `transaction(scope)` begins by naming the organisation and the person, and by taking the role whose
policies are for such a scope (`rls.py`), for as long as it lasts:

    BEGIN; SET LOCAL app.org_id = '0193…'; SET LOCAL app.user_id = '0193…'; SET LOCAL ROLE myapp_app

They travel with BEGIN, in one message, and PostgreSQL forgets them at the end of the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from myapp.kit import rls
from myapp.kit.scope import Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """What of a scope the database knows."""

    role: str
    org_id: UUID | None = None
    user_id: UUID | None = None

    @classmethod
    def of(cls, scope: Scope) -> Self:
        beyond = rls.SYSTEM if scope.is_system or scope.is_operator else rls.PUBLIC
        return cls(rls.APP if scope.org_id else beyond, scope.org_id, scope.user_id)

    @property
    def statements(self) -> str:
        """What makes the rest of the transaction this one's. There is nothing to quote in a UUID."""
        here = f"SET LOCAL app.org_id = '{self.org_id or ''}'; SET LOCAL app.user_id = '{self.user_id or ''}'"
        return f"{here}; SET LOCAL ROLE {self.role}"

    def may_become(self, other: Identity) -> bool:
        """Whether a block within may be the other's.

        Within one organisation's it is never another's; only the system may look beyond it, and says why in its scope.
        """
        return self.org_id in {None, other.org_id} or other.role == rls.SYSTEM
