"""Writing and reading a folder or zip in one step, for the tests of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from myapp.blog.importing.items import Item, Skip, SourcePost
from myapp.blog.importing.markdown import open_folder
from myapp.blog.importing.report import Reason

BODY = "Some words that make a body."


def folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    root = tmp_path / "site"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def zipped(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    path = tmp_path / "site.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def read(path: Path) -> list[Item]:
    return list(open_folder(path).items())


def post(tmp_path: Path, text: str, name: str = "a-post.md") -> SourcePost:
    (found,) = read(folder(tmp_path, {name: text}))
    assert isinstance(found, SourcePost), found
    return found


def skipped(items: list[Item]) -> dict[str, Reason]:
    return {item.note.item: item.note.why for item in items if isinstance(item, Skip)}
