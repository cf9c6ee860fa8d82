"""From a path to records, and from records to items."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, is_zipfile

from myapp.blog.importing.items import Item
from myapp.blog.importing.report import Reason, Refused
from myapp.blog.importing.wordpress._post import read_item
from myapp.blog.importing.wordpress._survey import FIELDS, Survey
from myapp.blog.importing.wordpress._xml import Record, records

MAX_UNPACKED = 8 << 30


def survey(path: Path) -> Survey:
    """Read the source to its end. Raises `Refused` when it is hostile, or no WordPress export at all.

    Where it is broken, `Survey.broken` says so.
    """
    found = Survey()
    is_export = False
    try:
        for record in _records(path, FIELDS):
            is_export = is_export or record.name.startswith("wp:") or "wp:post_type" in record.fields
            found.note(record)
    except Refused as refused:
        if refused.why not in {Reason.BROKEN_XML, Reason.TRUNCATED} or not is_export:
            raise
        found.broken = refused
    if not is_export:
        raise Refused(Reason.NOT_WORDPRESS)
    return found


def read(path: Path, about: Survey) -> Iterator[Item]:
    """The items in the order of the source. Raises `Refused` after the last whole one when the source is broken."""
    for record in _records(path):
        if record.name == "item":
            yield read_item(record, about)


def _records(path: Path, fields: Collection[str] | None = None) -> Iterator[Record]:
    for stream in _streams(path):
        with stream:
            yield from records(stream, root="rss", fields=fields)


def _streams(path: Path) -> Iterator[IO[bytes]]:
    if not is_zipfile(path):
        yield path.open("rb")
        return
    try:
        with ZipFile(path) as archive:
            files = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
            if sum(entry.file_size for entry in files) > MAX_UNPACKED:
                raise Refused(Reason.TOO_BIG)
            for entry in sorted(files, key=lambda entry: entry.filename):
                yield archive.open(entry)
    except (BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Refused(Reason.UNREADABLE, str(error)) from error
