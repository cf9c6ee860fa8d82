"""The contracts in pyproject.toml: who may know whom."""

from __future__ import annotations

from importlinter.cli import lint_imports

from tests.architecture.house import ROOT


def test_everybody_imports_only_what_they_may() -> None:
    """The report on standard output says who does not."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0
