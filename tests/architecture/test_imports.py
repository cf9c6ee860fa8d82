"""The contracts in pyproject.toml: who may know whom."""

from __future__ import annotations

import ast
import logging.config

import pytest
from importlinter.cli import lint_imports

from tests.architecture.house import PACKAGE, ROOT, tree_of


def test_everybody_imports_only_what_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report on standard output says who does not. The linter would silence every logger for the tests after it."""
    monkeypatch.setattr(logging.config, "dictConfig", lambda _: None)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_one_module_knows_oban() -> None:
    """It puts what stands in for `erlpack` there first, which nobody else must have to think of."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "oban")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "oban" for alias in node.names))
    }
    assert found == {"myapp/kit/jobs/_library.py"}
