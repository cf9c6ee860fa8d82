"""Who may do what with notifications: everybody with their own, and nobody with anybody else's."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.policy import policy
from myapp.kit.scope import Scope

type Action = Literal["read_notifications", "mark_notifications"]


@policy(reads={"read_notifications"})
def can(scope: Scope, action: Action) -> bool:
    """Whether the scope has notifications to read or mark."""
    return scope.user_id is not None and action in {"read_notifications", "mark_notifications"}


def person(scope: Scope, action: Action) -> UUID:
    """Whose notifications these are. Raises Unauthenticated for a visitor, and Forbidden for who may not."""
    if scope.user_id is None:
        raise Forbidden if scope.is_system else Unauthenticated
    if not can(scope, action):
        raise Forbidden
    return scope.user_id
