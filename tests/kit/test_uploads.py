"""What arrives: no byte over the limit, nothing left behind, and judged by what is in it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from myapp.kit.file_types import download_name, judge
from myapp.kit.uploads import TooLarge, pieces, received
from tests.factories.files import HTML, PDF, SVG, in_pieces, picture, zipped


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files would be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def test_what_came_is_there_to_be_read_and_gone_after_that(scratch: Path):
    content = bytes(range(256)) * 4000
    async with received(in_pieces(content, 7777), limit=len(content)) as file:
        assert file.read() == content
        assert b"".join([piece async for piece in pieces(file)]) == content
        assert list(scratch.iterdir()) == []
    assert file.closed


async def test_the_byte_after_the_limit_ends_it_at_once(scratch: Path):
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield bytes(1000)

    with pytest.raises(TooLarge):
        async with received(endless(), limit=5000):
            raise AssertionError
    assert taken == 6000
    assert list(scratch.iterdir()) == []


async def test_nothing_is_left_of_what_stops_midway(scratch: Path):
    waits = asyncio.Event()

    async def stopping() -> AsyncIterator[bytes]:
        yield bytes(1 << 20)
        waits.set()
        await asyncio.Event().wait()

    async def receive() -> None:
        async with received(stopping(), limit=1 << 30):
            raise AssertionError

    task = asyncio.create_task(receive())
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(scratch.iterdir()) == []


WORD = zipped(_Content_Types__xml=b"", word__document_xml=b"<w/>")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture("JPEG"), "jpg"),
        (picture("PNG"), "png"),
        (picture("WEBP"), "webp"),
        (PDF, "pdf"),
        (b"ID3\x04" + bytes(100), "mp3"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(100), "mp4"),
        (zipped(a_txt=b"words"), "zip"),
        (WORD, "docx"),
        (zipped(xl__workbook_xml=b""), "xlsx"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "odt"),
        ("Tē: 5 cups\r\n\tgreen".encode(), "txt"),
        (b"\xef\xbb\xbfname;age\n", "txt"),
        (b"a < b, and <b> too", "txt"),
    ],
)
def test_a_file_is_what_is_in_it(content: bytes, kind: str):
    assert judge(BytesIO(content)) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        SVG,
        b"\xef\xbb\xbf \n" + SVG,
        b" " * 70_000 + HTML,
        HTML,
        b"<?xml version='1.0'?><x/>",
        b"MZ\x90\x00" + bytes(200),
        b"\x7fELF" + bytes(200),
        b"GIF89a" + bytes(100),
        b"words\x00words",
        "Stra\u00dfe".encode("latin-1"),
        "text".encode("utf-16"),
        b"half a letter \xc3",
        b"PK\x03\x04" + bytes(100),
        zipped(word__document_xml=b"", word__vbaProject_bin=b"macro"),
        b"\0padding" + PDF,
    ],
)
def test_what_is_not_on_the_list_is_nothing(content: bytes):
    assert judge(BytesIO(content)) is None


def test_a_zip_is_not_unpacked_to_be_judged():
    bomb = zipped(mimetype=bytes(50 << 20))
    assert len(bomb) < 100_000
    assert judge(BytesIO(bomb)) == "zip"


@pytest.mark.parametrize(
    ("sent", "ending", "saved_as"),
    [
        ("../../../etc/passwd", "txt", "passwd.txt"),
        ("..\\..\\boot.ini", "txt", "boot.ini.txt"),
        ("photo.png.exe", "png", "photo.png.exe.png"),
        ("photo.jpeg", "jpg", "photo.jpeg"),
        ("page.html", "txt", "page.html.txt"),
        ("Übersicht 2026 – Entwurf.pdf", "pdf", "Übersicht 2026 – Entwurf.pdf"),
        ("evil\u202egnp.pdf", "pdf", "evilgnp.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "pdf", "abSet-Cookie x.pdf"),
        ("...", "pdf", "file.pdf"),
        ("n" * 300 + ".pdf", "pdf", "n" * 196 + ".pdf"),
    ],
)
def test_a_file_is_saved_under_a_name_that_says_what_it_is(sent: str, ending: str, saved_as: str):
    assert download_name(sent, ending) == saved_as
