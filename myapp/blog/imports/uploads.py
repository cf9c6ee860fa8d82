"""Files that people upload to be imported: kept under the data folder, by random names, until they have come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from zipfile import is_zipfile

from myapp.blog import policy
from myapp.blog.importing.archives import DamagedZip, open_zip
from myapp.blog.schemas import ImportKind
from myapp.config import load_settings
from myapp.kit.errors import AppError, Forbidden
from myapp.kit.scope import Scope
from myapp.kit.uploads import kept_on_disk, spend_upload

MAX_UPLOAD = 1 << 30
ENDINGS = {".xml", ".zip", ".md", ".markdown", ".wxr"}


class UploadTooLarge(AppError):
    """More than an upload may have; the command line has no such bound."""

    status = 413
    message = "This file is larger than 1 GB. Import it with the command line instead."


class UnknownSource(AppError):
    """Neither XML nor a zip, by its looks."""

    status = 422
    message = "This is neither a WordPress export (.xml) nor a zip of Markdown files."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived, and what it seems to be."""

    path: Path
    kind: ImportKind


def upload_folder() -> Path:
    """Where uploads lie, each organisation's in a folder of its own."""
    return load_settings().data_dir / "imports"


async def save_upload(scope: Scope, filename: str, chunks: AsyncIterable[bytes]) -> Upload:
    """Keep a file until its import is done.

    Keeps nothing if it raises UploadTooLarge, UnknownSource, NoRoom, RateLimited or Forbidden.
    """
    policy.authorise(scope, "import")
    await spend_upload(scope)
    ending = Path(filename).suffix.lower()
    path = upload_folder() / str(scope.org_id) / f"{token_hex(16)}{ending if ending in ENDINGS else ''}"
    try:
        with kept_on_disk():
            await _write(path, chunks)
        kind = await asyncio.to_thread(kind_of, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Upload(path, kind)


async def _write(path: Path, chunks: AsyncIterable[bytes]) -> None:
    await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
    size = 0
    with await asyncio.to_thread(path.open, "xb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > MAX_UPLOAD:
                raise UploadTooLarge
            await asyncio.to_thread(file.write, chunk)


def kind_of(path: Path) -> ImportKind:
    """What a source seems to be; whether it really is shows when it is read. Raises UnknownSource."""
    if path.is_dir() or path.suffix.lower() in {".md", ".markdown"}:
        return ImportKind.MARKDOWN
    if is_zipfile(path):
        return _kind_of_zip(path)
    with path.open("rb") as file:
        head = file.read(1024)
    if b"<" not in head and b"<\0" not in head:
        raise UnknownSource
    return ImportKind.WORDPRESS


def _kind_of_zip(path: Path) -> ImportKind:
    try:
        with open_zip(path) as archive:
            endings = {Path(name).suffix.lower() for name in archive.namelist()}
    except DamagedZip as error:
        raise UnknownSource from error
    return ImportKind.WORDPRESS if ".xml" in endings and ".md" not in endings else ImportKind.MARKDOWN


def is_upload(path: str) -> bool:
    """Whether it is ours to delete: what a person named on the command line is not."""
    return not Path(path).is_absolute()


def located(path: str) -> Path:
    """Where the file of an import's row lies."""
    return upload_folder() / path


def stored(path: Path) -> str:
    """How a row names a file: uploads by their place among the uploads, so that the data folder may move."""
    absolute, folder = path.absolute(), upload_folder().absolute()
    return str(absolute.relative_to(folder)) if absolute.is_relative_to(folder) else str(absolute)


def authorise_file(scope: Scope, path: Path) -> None:
    """Only the system, which is the command line, reads any file; people import what their organisation uploaded."""
    if scope.is_system or scope.is_operator:
        return
    if path.resolve().parent != (upload_folder() / str(scope.org_id)).resolve():
        raise Forbidden
