"""Files aim at 150 lines and are split by 300; functions are questioned at 60."""

from __future__ import annotations

import ast

from tests.architecture.house import named, sources, tree_of

LONG_FILES = {
    "myapp/accounts/__init__.py": "a front door: what the room offers, one name a line",
    "myapp/kit/routes.py": "every address of the site, one short function each",
}
LONG_FUNCTIONS: dict[str, str] = {}


def test_no_file_is_longer_than_300_lines_without_a_reason() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources("myapp", "tests")}
    assert {name for name, lines in lengths.items() if lines > 300} == LONG_FILES.keys()


def test_no_function_is_longer_than_60_lines_without_a_reason() -> None:
    long = {
        f"{named(path)}:{node.name}"
        for path in sources("myapp")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > 60
    }
    assert long == LONG_FUNCTIONS.keys()


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
