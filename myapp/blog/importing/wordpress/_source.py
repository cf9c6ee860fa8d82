"""From a path to records, and from records to items."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from threading import Event
from zipfile import is_zipfile

from myapp.blog.importing.archives import DamagedZip, open_entry, open_zip
from myapp.blog.importing.items import Item
from myapp.blog.importing.report import Reason, Refused
from myapp.blog.importing.wordpress._post import read_item
from myapp.blog.importing.wordpress._survey import FIELDS, Survey
from myapp.blog.importing.wordpress._xml import Record, records

MAX_UNPACKED = 8 << 30


def survey(path: Path, stop: Event | None = None) -> Survey:
    """Read the source to its end. Raises `Refused` when it is hostile, or no WordPress export at all.

    Where it is broken, `Survey.broken` says so. Once `stop` is set nobody waits for the answer: it raises `Refused`.
    """
    found = Survey()
    is_export = False
    try:
        for record in _until(stop, _records(path, FIELDS)):
            is_export = is_export or record.name.startswith("wp:") or "wp:post_type" in record.fields
            found.note(record)
    except Refused as refused:
        if refused.why not in {Reason.BROKEN_XML, Reason.TRUNCATED} or not is_export:
            raise
        found.broken = refused
    if not is_export:
        raise Refused(Reason.NOT_WORDPRESS)
    return found


def _until(stop: Event | None, found: Iterator[Record]) -> Iterator[Record]:
    for record in found:
        if stop is not None and stop.is_set():
            raise Refused(Reason.MISSING)
        yield record


def read(path: Path, about: Survey) -> Iterator[Item]:
    """The items in the order of the source. Raises `Refused` after the last whole one when the source is broken."""
    for record in _records(path):
        if record.name == "item":
            yield read_item(record, about)


def _records(path: Path, fields: Collection[str] | None = None) -> Iterator[Record]:
    if not is_zipfile(path):
        with path.open("rb") as stream:
            yield from records(stream, root="rss", fields=fields)
        return
    try:
        yield from _zipped(path, fields)
    except DamagedZip as error:
        raise Refused(Reason.UNREADABLE, str(error)) from error


def _zipped(path: Path, fields: Collection[str] | None) -> Iterator[Record]:
    with open_zip(path) as archive:
        files = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
        if sum(entry.file_size for entry in files) > MAX_UNPACKED:
            raise Refused(Reason.TOO_BIG)
        for entry in sorted(files, key=lambda entry: entry.filename):
            with open_entry(archive, entry) as stream:
                yield from records(stream, root="rss", fields=fields)
