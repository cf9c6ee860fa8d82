"""Who may do what in the chat. Pages, REST, GraphQL and channels all ask `can`.

Reading is not decided here but in `queries.py`, by what a scope finds. So everything `can` is asked about is something
the scope sees, and a refusal is Forbidden, or Unauthenticated for somebody who could log in.
"""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.policy import policy
from myapp.kit.scope import Role, Scope

type Action = Literal[
    "create_room", "update_room", "delete_room", "manage_members", "see_members", "write",
    "mark_read", "update_message", "delete_message",
]  # fmt: skip

# Nobody rewrites another person's message: moderators delete it.
_ROLES: dict[str, Role] = {
    "create_room": Role.ADMIN,
    "update_room": Role.ADMIN,
    "delete_room": Role.ADMIN,
    "manage_members": Role.ADMIN,
    "see_members": Role.MEMBER,
    "write": Role.MEMBER,
    "mark_read": Role.MEMBER,
    "delete_message": Role.MODERATOR,
}
_AUTHORS = frozenset({"update_message", "delete_message"})


class Thing(Protocol):
    """A room or a message, as a row or as a card."""

    @property
    def org_id(self) -> UUID: ...


@policy(reads={"see_members"})
def can(scope: Scope, action: Action, thing: Thing | None = None) -> bool:
    """Whether the scope may do this in its organisation, or to this room or message of it."""
    if thing is not None and scope.org_id not in {None, thing.org_id}:
        return False
    role = _ROLES.get(action)
    if role is not None and scope.at_least(role):
        return thing is not None or scope.org_id is not None
    return action in _AUTHORS and scope.is_member and scope.user_id == getattr(thing, "user_id", None)


def authorise(scope: Scope, action: Action, thing: Thing | None = None) -> None:
    """Raise Forbidden, or Unauthenticated when nobody is logged in, unless the scope may."""
    if can(scope, action, thing):
        return
    if scope.user_id is None and not scope.is_system:
        raise Unauthenticated
    raise Forbidden


def person(scope: Scope) -> UUID:
    """Who it is that speaks or reads. Raises Forbidden for the system, and Unauthenticated for a visitor."""
    if scope.user_id is None:
        raise Forbidden if scope.is_system else Unauthenticated
    return scope.user_id
