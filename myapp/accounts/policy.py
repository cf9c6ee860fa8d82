"""Who may do what to organisations and the people in them. Pages, REST, GraphQL and channels all ask `can`.

Reading is not decided here but in `queries.py`, by what a scope finds. So everything `can` is asked about is something
the scope sees, and a refusal is Forbidden, or Unauthenticated for somebody who could log in.

    can(scope, "invite")                           in the organisation at hand
    can(scope, "change_role", membership)          of this person
    Role.ADMIN in roles_to_give(scope)

Everybody manages those below: admins the moderators and members, owners everybody, other owners too. Nobody gives a
role that is not below their own, but owners make owners. What an organisation must keep, one owner, no role decides:
`memberships.py` does.
"""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.policy import policy
from myapp.kit.scope import Role, Scope

type OrgAction = Literal[
    "see_people", "leave", "see_addresses", "invite", "manage_groups", "update_organization",
    "transfer_ownership", "delete_organization",
]  # fmt: skip
type PersonAction = Literal["change_role", "remove_member"]
type SiteAction = Literal["create_organization", "see_users", "manage_users"]
type Action = OrgAction | PersonAction | SiteAction

_ROLES: dict[str, Role] = {
    "see_people": Role.MEMBER,
    "leave": Role.MEMBER,
    "see_addresses": Role.ADMIN,
    "invite": Role.ADMIN,
    "manage_groups": Role.ADMIN,
    "update_organization": Role.ADMIN,
    "transfer_ownership": Role.OWNER,
    "delete_organization": Role.OWNER,
}
_OVER_PEOPLE = frozenset({"change_role", "remove_member"})


class Place(Protocol):
    """What belongs to an organisation: a membership, a group, an invitation, as a row or as a card."""

    @property
    def org_id(self) -> UUID: ...


@policy(reads={"see_people", "see_addresses", "see_users"})
def can(scope: Scope, action: Action, thing: Place | None = None) -> bool:
    """Whether the scope may do this in its organisation, or to this thing of it; for people, `thing` has their role."""
    if thing is not None and scope.org_id not in {None, thing.org_id}:
        return False
    if action == "create_organization":
        return scope.user_id is not None or scope.is_system
    if action in {"see_users", "manage_users"}:
        return scope.is_operator or (scope.is_system and scope.org_id is None)
    if action in _OVER_PEOPLE:
        role: Role | None = getattr(thing, "role", None)
        return role is not None and (_is_over_all(scope) or role in _below(scope))
    if action == "leave":  # those who belong to no organisation have none to leave
        return scope.is_member and scope.user_id is not None
    return (thing is not None or scope.org_id is not None) and scope.at_least(_ROLES[action])


def roles_to_give(scope: Scope) -> tuple[Role, ...]:
    """The roles that the scope may give to others in the organisation at hand, the lowest first."""
    if _is_over_all(scope):
        return tuple(Role)
    return _below(scope) if scope.at_least(Role.ADMIN) else ()


def authorise(scope: Scope, action: Action, thing: Place | None = None) -> None:
    """Raise Forbidden, or Unauthenticated when nobody is logged in, unless the scope may."""
    if not can(scope, action, thing):
        _refuse(scope)


def authorise_role(scope: Scope, role: Role) -> None:
    """Raise the same unless the scope may give this role."""
    if role not in roles_to_give(scope):
        _refuse(scope)


def _is_over_all(scope: Scope) -> bool:
    return scope.is_system or scope.is_operator


def _below(scope: Scope) -> tuple[Role, ...]:
    """The roles below one's own, for those who manage people; an owner's includes the owners."""
    if scope.org_id is None or scope.role is None or scope.role.rank < Role.ADMIN.rank:
        return ()
    return tuple(role for role in Role if role.rank < scope.role.rank or scope.role is Role.OWNER)


def _refuse(scope: Scope) -> None:
    if scope.user_id is None and not scope.is_system:
        raise Unauthenticated
    raise Forbidden
