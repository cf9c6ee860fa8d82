"""The files of a folder or zip, by name; bounded in number and size whatever they claim to be."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol
from zipfile import ZipFile, ZipInfo, is_zipfile

from myapp.blog.importing.archives import DamagedZip, open_entry, open_zip
from myapp.blog.importing.report import Reason, Refused
from myapp.blog.importing.text import printable

MAX_FILES = 100_000
MAX_FILE = 2 << 20
MAX_TOTAL = 2 << 30

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

ENDINGS = (".md", ".markdown", ".mdown", ".mkd")


class UnreadableFile(Exception):
    """One file can't be used; the others can."""

    def __init__(self, why: Reason, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


@dataclass(slots=True)
class Entry:
    """A file by its name within the source, with forward slashes; `why` is set where it must not be read."""

    name: str
    modified: datetime | None = None
    why: Reason | None = None


class Files(Protocol):
    """What folder and zip have in common."""

    entries: list[Entry]

    def read(self, entry: Entry) -> bytes:
        """Its bytes. Raises `UnreadableFile`."""
        ...


def open_files(path: Path) -> AbstractContextManager[Files]:
    """The files of a folder, a zip, or the one file `path` is. Raises `Refused` for anything else."""
    if path.is_dir() or path.suffix.lower() in ENDINGS:
        return _on_disk(path)
    if is_zipfile(path):
        return _zipped(path)
    raise Refused(Reason.NOT_ZIP if path.exists() else Reason.MISSING)


def _is_hidden(name: str) -> bool:
    """What systems and tools leave behind; nobody means it to be imported."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(
        (part.startswith(".") and part not in {".", ".."}) or part in {"__MACOSX", "node_modules"} for part in parts
    )


def _why_not(name: str) -> Reason | None:
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name):
        return Reason.UNSAFE_PATH
    return None if name.lower().endswith(ENDINGS) else Reason.NOT_MARKDOWN


class _Disk:
    def __init__(self, path: Path) -> None:
        self._root = path if path.is_dir() else path.parent
        names = _names(path) if path.is_dir() else iter([path.name])
        self._names = {printable(name): name for name in _bounded(names)}
        self.entries = [self._entry(name) for name in self._names]

    def _entry(self, name: str) -> Entry:
        found = (self._root / self._names[name]).lstat()
        why = Reason.SYMLINK if stat.S_ISLNK(found.st_mode) else _why_not(name)
        if why is None and not stat.S_ISREG(found.st_mode):
            why = Reason.UNREADABLE
        return Entry(name, datetime.fromtimestamp(found.st_mtime, UTC), why)

    def read(self, entry: Entry) -> bytes:
        try:
            # O_NOFOLLOW: between the look and the reading a file can be replaced by a link.
            descriptor = os.open(self._root / self._names[entry.name], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                return _checked(file.read(MAX_FILE + 1))
        except OSError as error:
            raise UnreadableFile(Reason.UNREADABLE, error.strerror or "") from error


@contextmanager
def _on_disk(path: Path) -> Generator[Files]:
    yield _Disk(path)


def _names(root: Path) -> Iterator[str]:
    """Links to folders are named, not followed."""
    for folder, folders, files in root.walk():
        linked = [name for name in folders if (folder / name).is_symlink()]
        folders[:] = sorted(set(folders) - set(linked))
        for name in sorted(files + linked):
            yield (folder / name).relative_to(root).as_posix()


def _bounded(names: Iterator[str]) -> Iterator[str]:
    for number, name in enumerate(name for name in names if not _is_hidden(name)):
        if number >= MAX_FILES:
            raise Refused(Reason.TOO_MANY_FILES)
        yield name


def _checked(data: bytes) -> bytes:
    if len(data) > MAX_FILE:
        raise UnreadableFile(Reason.TOO_BIG)
    return data


class _Zip:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._left = MAX_TOTAL
        infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        names = list(_bounded(iter(sorted(infos))))
        top = _common_top(names)
        self._infos = {printable(name.removeprefix(top)): infos[name] for name in names}
        self.entries = [self._entry(name, info) for name, info in self._infos.items()]

    def _entry(self, name: str, info: ZipInfo) -> Entry:
        why = Reason.SYMLINK if stat.S_ISLNK(info.external_attr >> 16) else _why_not(info.filename)
        try:
            modified = datetime(*info.date_time, tzinfo=UTC)
        except ValueError:
            modified = None
        return Entry(name, modified, why)

    def read(self, entry: Entry) -> bytes:
        """Never more than the bound, whatever size the zip states; damaged and encrypted files say so themselves."""
        try:
            with open_entry(self._archive, self._infos[entry.name]) as file:
                data = file.read(MAX_FILE + 1)
        except DamagedZip as error:
            raise UnreadableFile(Reason.UNREADABLE, str(error)) from error
        self._left -= len(data)
        if self._left < 0:
            raise Refused(Reason.TOO_BIG)
        return _checked(data)


def _common_top(names: list[str]) -> str:
    """The one folder that everything in a zip often lies in: with it or without it, a file is the same file.

    A name with a meaning, such as `_drafts`, is not taken away.
    """
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    top = tops.pop() if len(tops) == 1 else ""
    return f"{top}/" if top and not top.startswith(("_", ".")) else ""


@contextmanager
def _zipped(path: Path) -> Generator[Files]:
    try:
        with open_zip(path) as archive:
            yield _Zip(archive)
    except DamagedZip as error:
        raise Refused(Reason.NOT_ZIP, str(error)) from error
