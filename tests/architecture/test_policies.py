"""Every room's policy honours what a key is limited to, whatever the room's own rules say."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, TypeAliasType, get_args

import pytest

from myapp.kit.clock import new_id
from myapp.kit.policy import Policy
from myapp.kit.scope import Grant, Role, Scope
from tests.architecture.house import PACKAGE, rooms

OWNER = Scope(new_id(), new_id(), Role.OWNER)
ROOMS = [room for room in rooms() if (PACKAGE / room / "policy.py").exists()]


def policy_of(room: str) -> tuple[Policy[Any], set[str]]:
    """A room's policy, and every action it knows."""
    module = importlib.import_module(f"myapp.{room}.policy")
    assert isinstance(module.can, Policy), "decorate it with kit.policy.policy"
    return module.can, set(names_in(module.Action))


def names_in(kind: Any) -> Iterator[str]:
    if isinstance(kind, TypeAliasType):
        yield from names_in(kind.__value__)
    elif isinstance(kind, str):
        yield kind
    else:
        for each in get_args(kind):
            yield from names_in(each)


@pytest.mark.parametrize("room", ROOMS)
def test_who_may_not_write_does_nothing_but_read(room: str) -> None:
    can, actions = policy_of(room)
    assert len(actions) > len(can.reads)
    for grants in (frozenset[Grant](), frozenset({Grant.READ}), frozenset({Grant.READ, Grant.MANAGE})):
        for who in (OWNER, Scope(OWNER.user_id, OWNER.org_id, is_operator=True)):
            assert {each for each in actions if can(who.limited_to(grants), each)} <= can.reads


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_policy_calls_reading_is_one_of_its_actions(room: str) -> None:
    can, actions = policy_of(room)
    assert can.reads <= actions


@pytest.mark.parametrize("room", ROOMS)
def test_without_the_right_to_manage_a_leader_is_a_member(room: str) -> None:
    can, actions = policy_of(room)
    member = Scope(OWNER.user_id, OWNER.org_id, Role.MEMBER)
    both = frozenset({Grant.READ, Grant.WRITE})
    for who in (OWNER, Scope(OWNER.user_id, OWNER.org_id, Role.MODERATOR, is_operator=True)):
        assert {a for a in actions if can(who.limited_to(both), a)} == {a for a in actions if can(member, a)}
    everything = both | {Grant.MANAGE}
    assert {a for a in actions if can(OWNER.limited_to(everything), a)} == {a for a in actions if can(OWNER, a)}
