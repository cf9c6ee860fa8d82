"""Who may do what to organisations and their people, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from myapp.accounts import can, roles_to_give
from myapp.accounts.policy import Action, authorise, authorise_role
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Role, Scope

ORG, OTHER, ME = new_id(), new_id(), new_id()


@dataclass(frozen=True)
class Thing:
    org_id: UUID = ORG


@dataclass(frozen=True)
class Person:
    role: Role
    org_id: UUID = ORG


SCOPES = {
    "visitor": Scope.anonymous(ORG),
    "stranger": Scope(ME, OTHER, Role.OWNER),
    "somebody": Scope(ME),
    "guest": Scope(ME, ORG),
    "member": Scope(ME, ORG, Role.MEMBER),
    "moderator": Scope(ME, ORG, Role.MODERATOR),
    "admin": Scope(ME, ORG, Role.ADMIN),
    "owner": Scope(ME, ORG, Role.OWNER),
    "operator": Scope(ME, ORG, is_operator=True),
    "operator elsewhere": Scope(ME, OTHER, is_operator=True),
    "system": Scope.system("a job", ORG),
    "system elsewhere": Scope.system("a job", OTHER),
    "system everywhere": Scope.system("a job"),
}
OVER_ALL = {"operator", "system", "system everywhere"}
OWNERS = OVER_ALL | {"owner"}
ADMINS = OWNERS | {"admin"}
MEMBERS = ADMINS | {"moderator", "member"}
ELSEWHERE = {"operator elsewhere", "system elsewhere"}

TABLE: dict[Action, set[str]] = {
    "see_people": MEMBERS,
    "see_addresses": ADMINS,
    "invite": ADMINS,
    "manage_groups": ADMINS,
    "update_organization": ADMINS,
    "transfer_ownership": OWNERS,
    "delete_organization": OWNERS,
    "leave": {"member", "moderator", "admin", "owner"},
}
OVER_PEOPLE: dict[Role, set[str]] = {
    Role.MEMBER: ADMINS,
    Role.MODERATOR: ADMINS,
    Role.ADMIN: OWNERS,
    Role.OWNER: OWNERS,
}
GIVE: dict[str, tuple[Role, ...]] = {
    "admin": (Role.MEMBER, Role.MODERATOR),
    **dict.fromkeys(sorted(OWNERS | ELSEWHERE | {"stranger"}), tuple(Role)),
}


def allowed(action: Action, thing: Thing | Person | None) -> set[str]:
    return {who for who, scope in SCOPES.items() if can(scope, action, thing)}


@pytest.mark.parametrize("action", TABLE)
def test_what_is_done_to_a_thing_of_an_organisation(action: Action) -> None:
    assert allowed(action, Thing()) == TABLE[action]


@pytest.mark.parametrize("action", TABLE)
def test_what_is_done_in_the_organisation_at_hand(action: Action) -> None:
    """A stranger here is an owner there: without a thing the question is about the scope's own organisation."""
    at_home = {"stranger"} if action == "leave" else {"stranger"} | ELSEWHERE
    assert allowed(action, None) == TABLE[action] - {"system everywhere"} | at_home


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", ["change_role", "remove_member"])
def test_everybody_manages_those_below_and_owners_everybody(action: Action, role: Role) -> None:
    assert allowed(action, Person(role)) == OVER_PEOPLE[role]


@pytest.mark.parametrize("who", SCOPES)
def test_nobody_but_owners_gives_a_role_that_is_not_below_their_own(who: str) -> None:
    assert roles_to_give(SCOPES[who]) == GIVE.get(who, ())


def test_who_is_logged_in_may_found_an_organisation() -> None:
    assert allowed("create_organization", None) == SCOPES.keys() - {"visitor"}


@pytest.mark.parametrize("action", ["see_users", "manage_users"])
def test_only_operators_and_the_system_see_all_people(action: Action) -> None:
    assert allowed(action, None) == {"operator", "operator elsewhere", "system everywhere"}


def test_a_refusal_says_whether_logging_in_could_help() -> None:
    for ask in (lambda scope: authorise(scope, "invite"), lambda scope: authorise_role(scope, Role.MEMBER)):
        with pytest.raises(Unauthenticated):
            ask(Scope.anonymous(ORG))
        with pytest.raises(Forbidden):
            ask(Scope(ME, ORG))
