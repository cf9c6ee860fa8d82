"""Who may do what in the chat, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from myapp.chat import can
from myapp.chat.policy import Action, authorise
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Role, Scope

ORG, OTHER, ME = new_id(), new_id(), new_id()


@dataclass(frozen=True)
class Thing:
    org_id: UUID = ORG
    user_id: UUID | None = None


SCOPES = {
    "visitor": Scope.anonymous(ORG),
    "stranger": Scope(ME, OTHER, Role.OWNER),
    "guest": Scope(ME, ORG),
    "member": Scope(ME, ORG, Role.MEMBER),
    "moderator": Scope(ME, ORG, Role.MODERATOR),
    "admin": Scope(ME, ORG, Role.ADMIN),
    "operator": Scope(ME, ORG, is_operator=True),
    "system": Scope.system("a job", ORG),
    "system elsewhere": Scope.system("a job", OTHER),
}
STAFF = {"admin", "operator", "system"}
MODERATORS = STAFF | {"moderator"}
MEMBERS = MODERATORS | {"member"}

TABLE: dict[Action, set[str]] = {
    "update_room": STAFF,
    "delete_room": STAFF,
    "manage_members": STAFF,
    "see_members": MEMBERS,
    "write": MEMBERS,
    "mark_read": MEMBERS,
    "update_message": set(),
    "delete_message": MODERATORS,
}
OWN = {"update_message": {"member", "moderator", "admin"}, "delete_message": {"member"}}


@pytest.mark.parametrize("action", TABLE)
def test_what_is_done_to_a_room_or_a_message(action: Action) -> None:
    others = TABLE[action]
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing(user_id=new_id()))} == others
    own = OWN.get(action, set())
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing(user_id=ME))} == others | own
    assert {who for who, scope in SCOPES.items() if can(scope, action, Thing())} == others


def test_rooms_are_made_in_ones_own_organisation() -> None:
    makers = {who for who, scope in SCOPES.items() if can(scope, "create_room")}
    assert makers == STAFF | {"stranger", "system elsewhere"}


def test_a_refusal_says_whether_logging_in_could_help() -> None:
    with pytest.raises(Unauthenticated):
        authorise(Scope.anonymous(ORG), "write", Thing())
    with pytest.raises(Forbidden):
        authorise(Scope(ME, ORG), "write", Thing())
