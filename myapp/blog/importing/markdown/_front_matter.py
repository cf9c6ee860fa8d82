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
from datetime import date
from typing import Any, cast

import yaml

MAX_BLOCK = 64 << 10
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
    head = text[: MAX_BLOCK + 16]
    found, read = _YAML.match(head), _yaml
    if found is None:
        found, read = _TOML.match(head), _toml
    settings = read(found.group(1)) if found else None
    if found is None or settings is None:
        return {}, _trimmed(text, "\r\n" if text.endswith("\r\n") else "\n")
    line_end = "\r\n" if found.group().endswith("\r\n") else "\n"
    body = _trimmed(text[found.end() :], line_end)
    return {str(name).lower(): _plain(value) for name, value in settings.items()}, body


def _trimmed(text: str, line_end: str) -> str:
    return text.removeprefix(line_end).removesuffix(line_end)


def _yaml(block: str) -> dict[object, object] | None:
    try:
        _refuse_hostile(block)
        found: object = yaml.load(block, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FrontMatterError(_where(error)) from error
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
    return str(error).splitlines()[0][:100] if str(error) else type(error).__name__


def _toml(block: str) -> dict[object, object]:
    try:
        return cast("dict[object, object]", tomllib.loads(block.replace("\r\n", "\n")))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise FrontMatterError(str(error)[:100]) from error


def _plain(value: object) -> Any:
    """What JSON and PostgreSQL can hold; dates stay dates, for the reader of posts to see."""
    if isinstance(value, dict):
        return {_plain(str(name)): _plain(one) for name, one in cast("dict[object, object]", value).items()}
    if isinstance(value, set):
        return sorted(str(_plain(one)) for one in cast("set[object]", value))
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("list[object]", value)]
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_number or isinstance(value, date) else None
