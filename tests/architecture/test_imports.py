"""The contracts in pyproject.toml: who may know whom."""

from __future__ import annotations

import logging.config

import pytest
from importlinter.cli import lint_imports

from tests.architecture.house import ROOT


def test_everybody_imports_only_what_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report on standard output says who does not. The linter would silence every logger for the tests after it."""
    monkeypatch.setattr(logging.config, "dictConfig", lambda _: None)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0
