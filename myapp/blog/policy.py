"""Who may do what to posts and comments. Pages, REST, GraphQL and channels all ask `can`.

Reading is not decided here but in `queries.py`, by what a scope finds. So everything `can` is asked about is something
the scope sees, and a refusal is Forbidden, or Unauthenticated for somebody who could log in; what is not seen is
NotFound.
"""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.policy import policy
from myapp.kit.scope import Role, Scope

type OrgAction = Literal["write", "comment", "moderate", "import", "export"]
type ThingAction = Literal[
    "update_post", "delete_post", "publish_post", "feature_post", "transfer_post",
    "update_comment", "delete_comment", "hide_comment",
]  # fmt: skip
type Action = OrgAction | ThingAction

# Nobody rewrites another person's comment: moderators hide it.
_ROLES: dict[str, Role] = {
    "write": Role.MEMBER,
    "comment": Role.MEMBER,
    "moderate": Role.MODERATOR,
    "import": Role.ADMIN,
    "export": Role.ADMIN,
    "update_post": Role.MODERATOR,
    "delete_post": Role.ADMIN,
    "publish_post": Role.ADMIN,
    "feature_post": Role.ADMIN,
    "transfer_post": Role.ADMIN,
    "delete_comment": Role.MODERATOR,
    "hide_comment": Role.MODERATOR,
}
_AUTHORS = frozenset({"update_post", "delete_post", "publish_post", "update_comment", "delete_comment"})


class Authored(Protocol):
    """A post or comment, as a row or as a card."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def author_id(self) -> UUID | None: ...


@policy(reads={"export"})
def can(scope: Scope, action: Action, thing: Authored | None = None) -> bool:
    """Whether the scope may do this in its organisation, or to this thing of it."""
    if thing is not None and scope.org_id not in {None, thing.org_id}:
        return False
    role = _ROLES.get(action)
    if role is not None and scope.at_least(role):
        return thing is not None or scope.org_id is not None
    return action in _AUTHORS and scope.is_member and thing is not None and scope.user_id == thing.author_id


def authorise(scope: Scope, action: Action, thing: Authored | None = None) -> None:
    """Raise Forbidden, or Unauthenticated when nobody is logged in, unless the scope may."""
    if can(scope, action, thing):
        return
    if scope.user_id is None and not scope.is_system:
        raise Unauthenticated
    raise Forbidden
