"""What the reader of Markdown folders and zips makes of damaged and hostile ones."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from myapp.blog.importing.markdown import open_folder
from myapp.blog.importing.report import Reason, Refused
from tests.blog.importing.markdown_files import BODY, folder, read, skipped, zipped

ALIAS_BOMB = "a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]"


@pytest.mark.parametrize(
    "settings",
    [
        "title: [unclosed",
        "title: !!python/object/apply:os.system ['true']",
        ALIAS_BOMB,
        "a: " + "[" * 5000,
        "date: 2024-13-45",
        "\ttitle: tab",
        "a: " + "9" * 5000,
    ],
)
def test_bad_front_matter_costs_one_file_only(tmp_path: Path, settings: str) -> None:
    items = read(folder(tmp_path, {"bad.md": f"---\n{settings}\n---\n{BODY}", "good.md": BODY}))
    assert skipped(items) == {"bad.md": Reason.FRONT_MATTER}
    assert len(items) == 2


def test_bad_files_are_reported_and_the_rest_comes_in(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        {
            "good.md": BODY,
            "latin.md": "Caf\xe9 society".encode("latin-1"),
            "huge.md": b"x" * (2 << 20) + b"y",
            "picture.png": b"\x89PNG",
            ".hidden.md": BODY,
            ".git/config.md": BODY,
        },
    )
    (root / "link.md").symlink_to("/etc/passwd")
    (root / "folder-link").symlink_to("/etc")
    os.mkfifo(root / "pipe.md")
    assert skipped(read(root)) == {
        "latin.md": Reason.NOT_UTF8,
        "huge.md": Reason.TOO_BIG,
        "picture.png": Reason.NOT_MARKDOWN,
        "link.md": Reason.SYMLINK,
        "folder-link": Reason.SYMLINK,
        "pipe.md": Reason.UNREADABLE,
    }


def test_names_that_point_elsewhere_are_refused(tmp_path: Path) -> None:
    names = ["../../etc/cron.d/x.md", "/etc/x.md", "a/../../x.md", "C:/x.md", "..\\x.md"]
    items = read(zipped(tmp_path, {**dict.fromkeys(names, BODY), "good.md": BODY}))
    assert skipped(items) == dict.fromkeys(names, Reason.UNSAFE_PATH)


def test_a_link_in_a_zip_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "site.zip"
    info = ZipInfo("link.md")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
        archive.writestr("good.md", BODY)
    assert skipped(read(path)) == {"link.md": Reason.SYMLINK}


def test_a_file_that_unpacks_to_far_more_than_it_should_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"bomb.md": b"0" * 50_000_000, "good.md": BODY})
    assert path.stat().st_size < 1_000_000
    assert skipped(read(path)) == {"bomb.md": Reason.TOO_BIG}


def test_many_bombs_together_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.blog.importing.markdown._files.MAX_TOTAL", 1_000_000)
    path = zipped(tmp_path, {f"{number}.md": b"0" * 300_000 for number in range(9)})
    with pytest.raises(Refused) as caught:
        read(path)
    assert caught.value.why == Reason.TOO_BIG


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.blog.importing.markdown._files.MAX_FILES", 3)
    with pytest.raises(Refused) as caught:
        open_folder(folder(tmp_path, {f"{number}.md": BODY for number in range(4)}))
    assert caught.value.why == Reason.TOO_MANY_FILES


def test_a_damaged_file_in_a_zip_costs_one_item(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"bad.md": BODY * 50, "good.md": BODY})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    assert skipped(read(path)) == {"bad.md": Reason.UNREADABLE}


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "site.zip"
    path.write_bytes(data)
    with pytest.raises(Refused) as caught:
        read(path)
    assert caught.value.why in {Reason.NOT_ZIP, Reason.EMPTY}
