"""The examples in docstrings and documents run, or at least read as Python where they need a running application."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGE, ROOT, named, sources, tree_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
TESTS = ROOT / "tests"
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def modules_with_doctests() -> list[str]:
    found = [path for path in sources("myapp") if ">>> " in path.read_text(encoding="utf-8")]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in found]


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("module", modules_with_doctests())
def test_the_examples_of_a_module_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("path", [pytest.param(path, id=named(path)) for path in documents()])
def test_the_examples_of_a_document_run_and_read_as_python(path: Path) -> None:
    assert doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS).failed == 0
    for example in FENCE.findall(path.read_text(encoding="utf-8")):
        if ">>>" not in example:
            parses(example)


def test_readme_maps_what_is_there() -> None:
    drawn = re.search(r"^## The map of the house.*?^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert drawn is not None
    names = re.findall(r"(?<![\w<>/])[a-z_]+(?:\.py|(?:/[a-z_]+)*/(?!<))", drawn[1])
    assert len(names) > 30
    assert [name for name in names if not any([*ROOT.glob(name), *PACKAGE.rglob(name), *TESTS.glob(name)])] == []


def test_the_sketches_in_docstrings_read_as_python() -> None:
    broken = [f"{where}: {sketch}" for where, sketch in sketches() if not parses_or_not(sketch)]
    assert broken == []


def sketches() -> Iterator[tuple[str, str]]:
    """The indented blocks of module docstrings that begin as Python does."""
    for path in sources("myapp"):
        docstring = ast.get_docstring(tree_of(path)) or ""
        for block in re.findall(r"(?:^    .*\n?(?:^\n)?)+", docstring, re.MULTILINE):
            sketch = textwrap.dedent(block)
            if ">>>" not in sketch and re.search(r"^(from|import|async with|with|await|class|@|\w+ = )", sketch):
                yield named(path), sketch


def parses_or_not(code: str) -> bool:
    try:
        parses(code)
    except SyntaxError:
        return False
    return True


def parses(code: str) -> None:
    """`await` may stand outside of functions, and `…` for what is left out."""
    compile(code.replace("…", "..."), "<example>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
