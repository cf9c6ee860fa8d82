"""Zip files from anywhere: opened without trusting what they say of themselves, and every fault of theirs one error.

    with open_zip(path) as archive:
        for entry in archive.infolist():
            with open_entry(archive, entry) as file:
                file.read(65_536)

A zip's directory is read whole and becomes objects ten times its size, so one of a gigabyte, which a small upload can't
have but a large one can, is refused before it is read.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, override
from zipfile import BadZipFile, ZipFile, ZipInfo

MAX_DIRECTORY = 16 << 20
"""Bytes of the list of files: 160 for each of 100,000."""

_FAULTS = (BadZipFile, RuntimeError, EOFError, ValueError, OSError)
_CODECS = {"zlib", "_lzma", "compression.zstd"}
"""Modules whose errors have no base in common."""


class DamagedZip(Exception):
    """The zip, or one file in it, can't be read: broken, encrypted, too large a directory, an unknown compression."""


@contextmanager
def open_zip(path: Path) -> Generator[ZipFile]:
    """The archive. Raises `DamagedZip` for what is none, or claims a directory beyond all measure."""
    with _Bounded(FileIO(path)) as file:
        try:
            archive = ZipFile(file)
        except Exception as error:
            raise _translated(error) from error
        with archive:
            yield archive


@contextmanager
def open_entry(archive: ZipFile, entry: ZipInfo) -> Generator[Entry]:
    """One file of the archive. It raises `DamagedZip` at once or while it is read."""
    try:
        file = archive.open(entry)
    except Exception as error:
        raise _translated(error) from error
    with file:
        yield Entry(file)


class Entry:
    """A file within a zip, to be read from its beginning."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        """Up to `size` bytes. Raises `DamagedZip`."""
        try:
            return self._file.read(size)
        except Exception as error:
            raise _translated(error) from error


class _Bounded(BufferedReader):
    """`ZipFile` reads the directory at one go; everything else it reads is small."""

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise BadZipFile("its directory is too large")
        return super().read(size)


def _translated(error: Exception) -> Exception:
    is_fault = isinstance(error, _FAULTS) or type(error).__module__ in _CODECS
    return DamagedZip(str(error)) if is_fault else error
