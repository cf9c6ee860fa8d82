"""Reading a written export in one step, for the tests of the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from myapp.blog.importing import wordpress
from myapp.blog.importing.items import Item, SourceComment, SourcePost
from myapp.blog.importing.report import Reason, Refused
from tests.factories.wordpress import author, export, item


def read(tmp_path: Path, text: str | bytes) -> list[Item]:
    path = tmp_path / "export.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(wordpress.read(path, wordpress.survey(path)))


def posts(tmp_path: Path, *parts: str, **head: str) -> list[SourcePost]:
    return [found for found in read(tmp_path, export(*parts, **head)) if isinstance(found, SourcePost)]


def post(tmp_path: Path, *parts: str, **head: str) -> SourcePost:
    (found,) = posts(tmp_path, *parts, **head)
    return found


def comments(tmp_path: Path, *found: str) -> list[SourceComment]:
    return post(tmp_path, author("ada", key=7), item(comments=found)).comments


def warnings(found: SourcePost) -> list[Reason]:
    return [note.why for note in found.warnings]


def refusal(tmp_path: Path, text: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read(tmp_path, text)
    return caught.value
