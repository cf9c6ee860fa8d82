"""`make` finds a Python that is recent enough, also where only pyenv has one and `python3` is an older one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from myapp.config import ROOT

TOOLS = ("bash", "ls", "sort")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A home whose `python3` is too old."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or pytest.fail(f"there is no {tool}"))
    old = programs / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    return tmp_path


def found(machine: Path, **variables: str) -> str:
    make = shutil.which("make") or pytest.skip("there is no make")
    command = [make, "--silent", "--eval", "found: ; @$(FIND_PYTHON)", "found"]
    environment = {"PATH": f"{machine}/bin", "HOME": str(machine), **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("variables", [{}, {"PYENV_ROOT": "pyenv"}])
def test_of_pyenvs_the_newest_is_taken(machine: Path, variables: dict[str, str]) -> None:
    root = machine / variables.get("PYENV_ROOT", ".pyenv")
    for version in ("3.9.1", "3.13.0"):
        there = root / "versions" / version / "bin"
        there.mkdir(parents=True)
        (there / "python3").symlink_to(sys.executable)

    python = found(machine, **{name: str(machine / value) for name, value in variables.items()})

    assert python == str(root / "versions/3.13.0/bin/python3")


def test_one_that_is_named_comes_first(machine: Path) -> None:
    assert found(machine, PYTHON=sys.executable) == sys.executable
