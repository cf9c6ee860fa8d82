"""Whoever does something that needs a right is in the audit trail: no function of a front door does so without a line.

A right is an action of the room's policy that is no reading. What a function does is followed through the functions it
names, in all rooms and the platform.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, tree_of
from tests.architecture.test_policies import ROOMS, policy_of

type Function = ast.FunctionDef | ast.AsyncFunctionDef

RECORDS = "myapp.kit.audit.record"
READS = "It changes nothing: a form is made, or what only those may see who may change it is read."
OWN = "It is everybody's daily work on their own things, and the thing itself says who and when."
UNRECORDED = {
    "accounts.change_group": READS,
    "accounts.change_invitation": READS,
    "accounts.change_organization": READS,
    "accounts.change_person": READS,
    "accounts.list_invitations": READS,
    "accounts.suggest_for_group": READS,
    "blog.change_comment": READS,
    "blog.change_post": READS,
    "blog.create_comment": OWN,
    "blog.get_import": READS,
    "blog.list_imports": READS,
    "blog.run_import": "A job goes on with what somebody has started, which is recorded.",
    "blog.save_upload": "It only puts the file aside; what is then started with it is recorded.",
    "blog.subscribe_imports": READS,
    "blog.update_comment": OWN,
    "blog.upload_file": OWN,
    "chat.change_room": READS,
    "chat.create_message": OWN,
    "chat.mark_read": OWN,
    "chat.suggest_members": READS,
    "chat.update_message": OWN,
    "notifications.list_notifications": READS,
    "notifications.mark_all_read": OWN,
    "notifications.mark_place_read": OWN,
    "notifications.mark_read": OWN,
    "ops.send_daily_report": "It reads, and writes to the operators alone.",
}
"""What asks for a right and is no deed to remember, with the reason."""


@cache
def functions_of(module: str) -> dict[str, Function]:
    """The functions and methods of a module, by name."""
    path = path_of(module)
    if path is None:
        return {}
    nodes = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: node for node in nodes}


@cache
def path_of(module: str) -> Path | None:
    place = ROOT / Path(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


@cache
def names_in(module: str) -> dict[str, str]:
    """What a module's names stand for: functions of its own, and what it imports."""
    path = path_of(module)
    if path is None:
        return {}
    known = {name: f"{module}.{name}" for name in functions_of(module)}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("myapp"):
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return known


@cache
def resolved(name: str) -> str:
    """The function itself, behind front doors."""
    module, _, function = name.rpartition(".")
    if function in functions_of(module):
        return name
    there = names_in(module).get(function, "")
    return resolved(there) if there and there != name else name


@cache
def calls_of(name: str) -> frozenset[str]:
    """The functions that one names, wherever it does."""
    module, _, function = name.rpartition(".")
    node = functions_of(module).get(function)
    return frozenset(_named(module, node)) if node is not None else frozenset()


def _named(module: str, node: Function) -> Iterator[str]:
    known = names_in(module)
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in known:
            yield resolved(known[each.id])
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in known:
            yield resolved(f"{known[each.value.id]}.{each.attr}")


@cache
def reach_of(name: str) -> frozenset[str]:
    """All that a function may come to call."""
    found, new = set[str](), {name}
    while new:
        found |= new
        new = {called for each in new for called in calls_of(each)} - found
    return frozenset(found)


def actions_in(name: str, actions: set[str]) -> set[str]:
    """The actions that a function asks its policy about, or one of its room that it calls."""
    room = ".".join(name.split(".")[:2])
    return {
        constant.value
        for each in reach_of(name)
        if each.startswith(room) and not each.startswith(f"{room}.policy")
        for constant in ast.walk(_body(each))
        if isinstance(constant, ast.Constant) and constant.value in actions
    }


def _body(name: str) -> ast.AST:
    module, _, function = name.rpartition(".")
    return functions_of(module).get(function, ast.Module([], []))


def front_door(room: str) -> dict[str, str]:
    """The functions that others call, with where they stand."""
    door = importlib.import_module(f"myapp.{room}")
    found = {name: getattr(door, name) for name in door.__all__}
    return {
        name: resolved(f"myapp.{room}.{name}")
        for name, each in found.items()
        if inspect.iscoroutinefunction(inspect.unwrap(each))
    }


def without_a_line(room: str, record: str = RECORDS) -> dict[str, set[str]]:
    """The functions of a room that do what needs a right, with their rights, and write no line."""
    can, actions = policy_of(room)
    found = {name: (place, actions_in(place, actions - can.reads)) for name, place in front_door(room).items()}
    return {name: rights for name, (place, rights) in found.items() if rights and record not in reach_of(place)}


@pytest.mark.parametrize("room", ROOMS)
def test_what_needs_a_right_is_recorded(room: str) -> None:
    missing = {name: rights for name, rights in without_a_line(room).items() if f"{room}.{name}" not in UNRECORDED}
    assert missing == {}


def test_what_is_left_out_is_there_and_needs_it() -> None:
    assert {f"{room}.{name}" for room in ROOMS for name in without_a_line(room)} == UNRECORDED.keys()


@pytest.mark.parametrize(
    ("room", "deed"),
    [("accounts", "change_role"), ("blog", "delete_post"), ("chat", "delete_room"), ("ops", "kill_child")],
)
def test_a_deed_without_its_line_would_be_found(room: str, deed: str) -> None:
    assert any(deed in (name, *rights) for name, rights in without_a_line(room, "myapp.nothing").items())
