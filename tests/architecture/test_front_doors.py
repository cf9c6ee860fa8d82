"""A room's front door says exactly what the room offers, and what it offers asks first who is asking."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from myapp.kit.scope import Scope
from tests.architecture.house import PACKAGE, rooms, tree_of

NO_SCOPE_YET = {
    "accounts.scope_for": "it makes the scope",
    "accounts.scope_for_session": "it makes the scope",
    "accounts.scope_for_api_key": "it makes the scope",
    "accounts.scope_for_program": "it makes the scope",
    "accounts.rotate_refresh_token": "whose token it is says who acts",
    "blog.preview": "it renders what its caller holds, and reads nothing",
    "accounts.list_demo_users": "for choosing whom to act as, before there is a scope",
}


@pytest.mark.parametrize("room", rooms())
def test_a_front_door_holds_no_code(room: str) -> None:
    docstring, *body = tree_of(PACKAGE / room / "__init__.py").body
    assert isinstance(docstring, ast.Expr)
    *imports, exported = [node for node in body if not _is_future(node)]
    assert all(
        isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"myapp.{room}.") for node in imports
    )
    assert isinstance(exported, ast.Assign)


@pytest.mark.parametrize("room", rooms())
def test_a_front_door_exports_exactly_what_it_imports(room: str) -> None:
    tree = tree_of(PACKAGE / room / "__init__.py")
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and not _is_future(node)]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    exported: list[str] = importlib.import_module(f"myapp.{room}").__all__
    assert set(exported) == names
    assert len(exported) == len(names)


def context_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What a front door offers that reads or writes: everything that waits."""
    for room in rooms():
        door = importlib.import_module(f"myapp.{room}")
        for name in door.__all__:
            thing = getattr(door, name)
            if inspect.iscoroutinefunction(thing) or inspect.isasyncgenfunction(thing):
                yield f"{room}.{name}", thing


@pytest.mark.parametrize(("name", "function"), [pytest.param(*pair, id=pair[0]) for pair in context_functions()])
def test_a_context_function_takes_the_scope_first(name: str, function: Callable[..., Any]) -> None:
    if name in NO_SCOPE_YET:
        return
    first = next(iter(inspect.signature(function, eval_str=True).parameters.values()), None)
    assert first is not None, f"{name} takes nothing"
    assert (first.name, first.annotation) == ("scope", Scope)


def test_every_exception_is_still_needed() -> None:
    assert NO_SCOPE_YET.keys() <= {name for name, _ in context_functions()}


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
