"""The block of settings at the head of a Markdown file: YAML between lines of `---`, or TOML between lines of `+++`.

>>> split("---\\ntitle: Hello\\n---\\n\\nText\\n")
({'title': 'Hello'}, 'Text')
>>> split("Just text")
({}, 'Just text')
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import yaml

MAX_BLOCK = 256 << 10  # a post may have had two thousand addresses
MAX_DEPTH = 100

_YAML = re.compile(r"---[ \t]*\r?\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)(?:^|\n)\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class FrontMatterError(Exception):
    """It is there and can't be read; the message says where."""


def split(text: str) -> tuple[dict[str, Any], str]:
    """The settings, by names in lower case, and the text. Values are what JSON knows, and dates.

    A file that begins with a rule (`---`) and has no settings is all text. Our own files have one empty line after the
    block and end with a line break; neither belongs to the text, and nothing else is taken from it.
    """
    found, read = _YAML.match(text), _yaml
    if found is None:
        found, read = _TOML.match(text), _toml
    settings = _settings(found.group(1), read) if found else None
    if found is None or settings is None:
        return {}, _trimmed(text, "\r\n" if text.endswith("\r\n") else "\n")
    line_end = "\r\n" if found.group().endswith("\r\n") else "\n"
    return settings, _trimmed(text[found.end() :], line_end)


def _settings(block: str, read: Callable[[str], dict[object, object] | None]) -> dict[str, Any] | None:
    """What the block says, or None when it says nothing by name and is text.

    A block that is too long is not taken for text: `draft: true` may stand in it. PyYAML lets any error out of the
    constructors of its types, so whatever is raised means that the block can't be read.
    """
    if len(block) > MAX_BLOCK:
        raise FrontMatterError("it is too long")
    try:
        found = read(block)
        return None if found is None else {_plain(str(name)).lower(): _plain(value) for name, value in found.items()}
    except FrontMatterError:
        raise
    except Exception as error:
        raise FrontMatterError(_where(error)) from error


def _trimmed(text: str, line_end: str) -> str:
    return text.removeprefix(line_end).removesuffix(line_end)


def _yaml(block: str) -> dict[object, object] | None:
    _refuse_hostile(block)
    found: object = yaml.load(block, Loader=yaml.CSafeLoader)
    if found is None:
        return {}
    return cast("dict[object, object]", found) if isinstance(found, dict) else None


def _refuse_hostile(block: str) -> None:
    """Aliases can make a small file grow without bound, and nobody nests a hundred levels."""
    depth = 0
    for event in yaml.parse(block, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise FrontMatterError("aliases are not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise FrontMatterError("it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 2}, {error.problem or error.context}"
    if isinstance(error, LookupError | AttributeError | TypeError):
        return "a value is not what its tag says"
    return str(error).splitlines()[0][:100] if str(error) else type(error).__name__


def _toml(block: str) -> dict[object, object]:
    return cast("dict[object, object]", tomllib.loads(block.replace("\r\n", "\n")))


def _plain(value: object, depth: int = 0) -> Any:
    """What JSON and PostgreSQL can hold; dates stay dates, for the reader of posts to see."""
    if depth > MAX_DEPTH:
        raise FrontMatterError("it is nested too deeply")
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return {_plain(str(name)): _plain(one, depth + 1) for name, one in items}
    if isinstance(value, set):
        return sorted(str(_plain(one)) for one in cast("set[object]", value))
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in cast("list[object]", value)]
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_number or isinstance(value, date) else None
