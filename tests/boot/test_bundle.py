"""When the pages are built, and what becomes of a build that was killed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from myapp import bundle
from myapp.config import load_settings


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout; building its pages means writing the one word that is in its one source."""
    (tmp_path / "myapp").mkdir()
    (tmp_path / "myapp" / "page.py").write_text("hello")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "ROOT": tmp_path,
        "WEB": tmp_path / ".web",
        "LOCK": tmp_path / ".web.lock",
        "DIGEST": tmp_path / ".web" / "build" / "made-from",
        "_export": lambda: (tmp_path / ".web" / "build").mkdir(parents=True, exist_ok=True),
    }.items():
        monkeypatch.setattr(bundle, name, value)
    return tmp_path


def test_pages_that_fit_are_left_alone(checkout: Path) -> None:
    assert bundle.build(load_settings())
    assert bundle.is_current(load_settings())

    assert not bundle.build(load_settings())


@pytest.mark.parametrize("change", ["myapp/page.py", "myapp/new.py", "assets/logo.svg", "rxconfig.py"])
def test_a_changed_source_asks_for_a_build(checkout: Path, change: str) -> None:
    bundle.build(load_settings())

    (checkout / change).parent.mkdir(exist_ok=True)
    (checkout / change).write_text("changed")

    assert not bundle.is_current(load_settings())


def test_a_removed_source_asks_for_a_build(checkout: Path) -> None:
    bundle.build(load_settings())

    (checkout / "myapp" / "page.py").unlink()

    assert not bundle.is_current(load_settings())


def test_what_only_a_start_leaves_behind_does_not(checkout: Path) -> None:
    bundle.build(load_settings())

    (checkout / "myapp" / "__pycache__").mkdir()
    (checkout / "myapp" / "__pycache__" / "page.pyc").write_text("")
    (checkout / "alembic.ini").write_text("")

    assert bundle.is_current(load_settings())


def test_a_killed_build_is_cleared_away_with_what_it_left_running(checkout: Path) -> None:
    (checkout / ".web" / "node_modules" / "half").mkdir(parents=True)
    left_running = subprocess.Popen(["/bin/sleep", "600"], cwd=checkout / ".web", start_new_session=True)
    (checkout / ".web.lock").write_text(str(left_running.pid))

    bundle.build(load_settings())

    assert left_running.wait(timeout=10) != 0
    assert not (checkout / ".web" / "node_modules").exists()
    assert (checkout / ".web.lock").read_text() == ""


def test_strangers_that_work_there_are_not_touched(checkout: Path) -> None:
    (checkout / ".web").mkdir()
    stranger = subprocess.Popen(["/bin/sleep", "600"], cwd=checkout / ".web", start_new_session=True)
    (checkout / ".web.lock").write_text(str(os.getpid()))

    bundle.build(load_settings())

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_build_that_fails_does_not_pass_for_one_that_was_killed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise SystemExit(1)

    monkeypatch.setattr(bundle, "_export", fails)
    (checkout / ".web" / "node_modules").mkdir(parents=True)

    for _ in range(2):
        with pytest.raises(SystemExit):
            bundle.build(load_settings())

    assert (checkout / ".web" / "node_modules").exists()
    assert not bundle.is_current(load_settings())
