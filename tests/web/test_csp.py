"""Which scripts a page may run: those that were built into it, and nothing that anybody writes."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from myapp.web.csp import INERT, Policies
from tests.csp.evaluator import HIGH, evaluate

THEME, ROUTER, TAGS = "theme()", "router()\n", 'import "/assets/tags-0a1b.js"'


def page(*scripts: str) -> str:
    inline = "".join(f'<script type="module">{script}</script>' for script in scripts)
    return f'<!doctype html><script src="/assets/a.js"></script>{inline}<style>p {{}}</style>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in ("__spa-fallback.html", "404.html"):
        (tmp_path / name).write_text(page(THEME, ROUTER))
    (tmp_path / "index.html").write_text(page(THEME, "home()"))
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "index.html").write_text(page(THEME, TAGS))
    (tmp_path / "myindex.html").write_text(page(THEME, "mine()"))
    return tmp_path


def hash_of(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def scripts_of(policy: str) -> set[str]:
    directives = dict(each.split(" ", 1) for each in policy.split("; "))
    return set(directives["script-src"].split())


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/", ["home()"]),
        ("/tags", [TAGS]),
        ("/tags/", [TAGS]),
        ("/myindex", ["mine()"]),
        ("/o/demo/posts", []),
    ],
)
def test_a_page_runs_its_own_scripts_and_no_other_pages(built: Path, path: str, own: list[str]) -> None:
    policy = Policies(built, is_https=True).of(path)

    assert scripts_of(policy) == {"'self'", *map(hash_of, [THEME, ROUTER, *own])}


def test_without_built_pages_no_script_in_a_page_runs(tmp_path: Path) -> None:
    assert scripts_of(Policies(tmp_path / "none", is_https=True).of("/")) == {"'self'"}


@pytest.mark.parametrize("is_https", [True, False])
def test_the_evaluator_finds_nothing_serious(built: Path, is_https: bool) -> None:
    """Milder is what it says of 'self' and of styles."""
    for policy in (Policies(built, is_https=is_https).of("/tags"), INERT):
        assert [finding for finding in evaluate(policy) if finding["severity"] <= HIGH] == []


def test_the_evaluator_would_find_a_hole(built: Path) -> None:
    policy = Policies(built, is_https=True).of("/").replace("script-src ", "script-src 'unsafe-inline' https: ")
    without_hashes = " ".join(part for part in policy.split(" ") if "sha256" not in part)

    assert [finding for finding in evaluate(without_hashes) if finding["severity"] <= HIGH]
