"""README's "Add a feature", carried out in a copy of the house: whoever follows it gets what it promises."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from myapp.config import ROOT
from tests.serving import clear_away, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHAPTER = README.partition("\n## Add a feature\n")[2].partition("\n## ")[0]
FIELD, REVISION, COLUMN, INPUT, SHOWN, TEST = re.findall(r"^```python\n(.*?)^```", CHAPTER, re.MULTILINE | re.DOTALL)

BLOG, FORM, PAGE = "myapp/blog", "myapp/web/blog/post_form", "myapp/web/blog/post"
# File, what is there already, and what README wants behind it.
STEPS = [
    (f"{BLOG}/schemas/posts.py", '    title: str = ""\n', FIELD),
    (f"{BLOG}/schemas/changesets.py", '_POST_FIELDS = ("title", ', '"subtitle", '),
    (f"{BLOG}/schemas/changesets.py", '("excerpt", max=1000)\n', '.validate_length("subtitle", max=140)\n'),
    (f"{BLOG}/cards.py", "own_excerpt: str\n", "subtitle: str\n"),
    (f"{BLOG}/queries.py", "col(Post.body_format), col(Post.body_html),\n", COLUMN),
    (f"{FORM}/fields.py", "EMPTY = {\n", '"subtitle": "",\n'),
    (f"{FORM}/fields.py", '"title": post.title,\n', '"subtitle": post.subtitle,\n'),
    (f"{FORM}/fields.py", 'for name in ("title", ', '"subtitle", '),
    (f"{FORM}/conflict.py", '_COMPARED = ("title", ', '"subtitle", '),
    (f"{FORM}/components.py", 'text-lg font-semibold",\n        ),\n', INPUT),
    (f"{PAGE}/state.py", '    title: str = ""\n', 'subtitle: str = ""\n'),
    (f"{PAGE}/state.py", "= post.id, post.author_id\n", "self.subtitle = post.subtitle\n"),
    (f"{PAGE}/components.py", 'class_name="text-xl sm:text-2xl"),\n', SHOWN),
    ("tests/blog/test_posts.py", "", TEST),
]
POSTS_AND_FORM = ("tests/blog/test_posts.py", "tests/web/blog/test_post_form.py")
# One after the other in one process: what they import takes longer than what they do.
WRITE = """
from alembic.config import main
from myapp.cli import app

main(["revision", "--autogenerate", "-m", "give posts a subtitle"])
app(["messages"])
"""
CHECK = """
from myapp.cli import app
from myapp.web.router import PAGES

[page.content() for page in PAGES]
for command in (["db", "check"], ["messages", "--check"]):
    assert not app(command, standalone_mode=False)
"""
CHECKS = [
    ("-c", CHECK),
    ("-m", "ruff", "check", "myapp", "tests"),
    ("-m", "pytest", "-q", *POSTS_AND_FORM, "-k", "subtitle or a_new_post"),
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Path]:
    """A copy of what the chapter changes and what checks it."""
    for name in ("myapp", "alembic", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name)  # with what is compiled: the times of the files are copied too
    for name in ("alembic.ini", "pyproject.toml", ".squawk.toml"):
        shutil.copy(ROOT / name, tmp_path)
    yield tmp_path
    clear_away(tmp_path / ".data")


def test_the_worked_example_does_what_it_says(house: Path, migrated_url: str) -> None:
    for file, behind, more in STEPS:
        assert file.rpartition("/")[2] in CHAPTER
        _add(house / file, behind, more)
    before = set((house / "alembic/versions").iterdir())

    _run(house, migrated_url, "-c", WRITE)
    _run(house, migrated_url, "-m", "ruff", "format", "myapp", "tests")

    (revision,) = set((house / "alembic/versions").iterdir()) - before - {house / "alembic/versions/__pycache__"}
    written = revision.read_text(encoding="utf-8")
    assert [line for line in REVISION.splitlines() if line not in written] == []
    with ThreadPoolExecutor() as at_once:  # they change nothing, and wait for one another nowhere
        list(at_once.map(lambda command: _run(house, migrated_url, *command), CHECKS))


def _add(path: Path, behind: str, more: str) -> None:
    """Behind the first such text, in its line or in lines below it at its indent; without one at the end."""
    text = path.read_text(encoding="utf-8")
    assert behind in text, f"{path.name} no longer has {behind!r}"
    head, behind, tail = text.partition(behind) if behind else (f"{text}\n\n", "", "")
    if behind.endswith("\n"):
        line = (head + behind).splitlines()[-1]
        more = textwrap.indent(more, line[: len(line) - len(line.lstrip())])
    path.write_text(head + behind + more + tail, encoding="utf-8")


def _run(house: Path, url: str, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=house,
        env=environment(DATABASE_URL=url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
