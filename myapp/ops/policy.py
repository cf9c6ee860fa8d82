"""Who may see how the site runs, and act on it: its operators, and the system over all organisations."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.policy import policy
from myapp.kit.scope import Scope

type Action = Literal["see_operations", "run_operations"]


@policy(reads={"see_operations"})
def can(scope: Scope, action: Action) -> bool:  # noqa: ARG001 - whoever sees it may do it, unless a key only reads
    """Whether the scope may do this."""
    return scope.is_operator or (scope.is_system and scope.org_id is None)


def authorise(scope: Scope, action: Action) -> Scope:
    """The same one over all organisations. Raises Forbidden, or Unauthenticated when nobody is logged in."""
    if can(scope, action):
        return replace(scope, org_id=None, role=None)
    raise Forbidden if scope.user_id or scope.is_system else Unauthenticated
