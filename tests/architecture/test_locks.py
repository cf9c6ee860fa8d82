"""What is installed is named by hash alone: where it is downloaded from is the machine's own business."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from myapp.config import ROOT

PYTHON_LOCK = (ROOT / "requirements.lock").read_text()
PAGES_LOCK = ROOT / "reflex.lock" / "package-lock.json"
# Written so that this file does not match itself.
REGISTRY_HOSTS = re.compile(r"registry[.]npm|npm[m]irror|[p]ypi[.]org|[p]ythonhosted|[j]srdelivr|[u]npkg[.]com")


def test_the_lock_of_python_packages_has_a_hash_for_each_and_no_address() -> None:
    requirements = re.findall(r"^[a-z0-9][^\s=]*==.*?(?=^\S|\Z)", PYTHON_LOCK, re.MULTILINE | re.DOTALL)

    assert len(requirements) > 50
    assert [line for line in requirements if "--hash=sha256:" not in line] == []
    assert "://" not in PYTHON_LOCK
    assert not re.search(r"^\s*-(i|f|-index|-extra|-find)", PYTHON_LOCK, re.MULTILINE)


def test_the_lock_of_the_pages_packages_has_a_hash_for_each_and_no_address() -> None:
    packages: dict[str, dict[str, Any]] = json.loads(PAGES_LOCK.read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}

    assert len(installed) > 50
    assert [name for name, package in installed.items() if "integrity" not in package] == []
    assert [name for name, package in installed.items() if "resolved" in package] == []


def test_no_file_names_a_registry() -> None:
    listed = subprocess.run(["/usr/bin/env", "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]

    naming = [file for file in files if file.is_file() and REGISTRY_HOSTS.search(file.read_text(errors="replace"))]

    assert naming == []
