"""Who may do what, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from myapp.blog import can
from myapp.blog.policy import Action, authorise
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Role, Scope

ORG, OTHER, ME = new_id(), new_id(), new_id()


@dataclass(frozen=True)
class Thing:
    org_id: UUID = ORG
    author_id: UUID | None = None


SCOPES = {
    "visitor": Scope.anonymous(ORG),
    "stranger": Scope(ME, OTHER, Role.OWNER),
    "guest": Scope(ME, ORG),
    "member": Scope(ME, ORG, Role.MEMBER),
    "moderator": Scope(ME, ORG, Role.MODERATOR),
    "admin": Scope(ME, ORG, Role.ADMIN),
    "owner": Scope(ME, ORG, Role.OWNER),
    "operator": Scope(ME, ORG, is_operator=True),
    "system": Scope.system("a job", ORG),
    "system elsewhere": Scope.system("a job", OTHER),
    "system everywhere": Scope.system("a job"),
}
STAFF = {"admin", "owner", "operator", "system", "system everywhere"}
MODERATORS = STAFF | {"moderator"}
MEMBERS = MODERATORS | {"member"}

# Action to who may do it to somebody else's thing, and who else to their own.
TABLE: dict[Action, tuple[set[str], set[str]]] = {
    "update_post": (MODERATORS, {"member"}),
    "delete_post": (STAFF, {"member", "moderator"}),
    "publish_post": (STAFF, {"member", "moderator"}),
    "feature_post": (STAFF, set()),
    "transfer_post": (STAFF, set()),
    "update_comment": (set(), {"member", "moderator", "admin", "owner"}),
    "delete_comment": (MODERATORS, {"member"}),
    "hide_comment": (MODERATORS, set()),
}
IN_ORGANISATION: dict[Action, set[str]] = {
    "write": MEMBERS - {"system everywhere"} | {"stranger", "system elsewhere"},
    "comment": MEMBERS - {"system everywhere"} | {"stranger", "system elsewhere"},
    "moderate": MODERATORS - {"system everywhere"} | {"stranger", "system elsewhere"},
    "import": STAFF - {"system everywhere"} | {"stranger", "system elsewhere"},
    "export": STAFF - {"system everywhere"} | {"stranger", "system elsewhere"},
}


@pytest.mark.parametrize("action", TABLE)
def test_what_is_done_to_a_thing(action: Action) -> None:
    others, own = TABLE[action]
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing(author_id=new_id()))} == others
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing(author_id=ME))} == others | own
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing())} == others


@pytest.mark.parametrize("action", IN_ORGANISATION)
def test_what_is_done_in_ones_own_organisation(action: Action) -> None:
    """A stranger here is an owner there: without a thing the question is about the scope's own organisation."""
    assert {who for who, scope in SCOPES.items() if can(scope, action)} == IN_ORGANISATION[action]


def test_a_refusal_says_whether_logging_in_could_help() -> None:
    with pytest.raises(Unauthenticated):
        authorise(Scope.anonymous(ORG), "write")
    with pytest.raises(Forbidden):
        authorise(Scope(ME, ORG), "write")
