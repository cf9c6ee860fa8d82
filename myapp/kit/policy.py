"""What every room's `can(scope, action, …)` has in common: what a key does not grant, no role gives.

    @policy(reads={"see_members"})
    def can(scope: Scope, action: Action, thing: Thing | None = None) -> bool:
        return scope.at_least(_ROLES[action])

The room's own rules are asked only when the scope may do such things at all: one that may not write does nothing but
what the policy names as reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Concatenate

from myapp.kit.scope import Scope

type _Rules[**P] = Callable[Concatenate[Scope, P], bool]


@dataclass(frozen=True, slots=True)
class Policy[**P]:
    """A room's rules, with what a scope is limited to before them. It is called as the rules are."""

    rules: Callable[Concatenate[Scope, P], bool]
    reads: frozenset[str]

    def __call__(self, scope: Scope, *args: P.args, **kwargs: P.kwargs) -> bool:
        action: Any = args[0] if args else kwargs["action"]
        return (scope.may_write or action in self.reads) and self.rules(scope, *args, **kwargs)


def policy[**P](*, reads: Collection[str] = ()) -> Callable[[_Rules[P]], Policy[P]]:
    """Make a policy of a room's rules. `reads` are the actions that change nothing."""

    def decorate(rules: _Rules[P]) -> Policy[P]:
        return Policy(rules, frozenset(reads))

    return decorate
