"""What the reader of Markdown folders and zips makes of damaged and hostile ones."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.blog.importing.items import Skip, SourcePost
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
        "a: 0x" + "f" * 5000,
        "a: " + "1:" * 3000 + "1",
        "a: " + "1:" * 300 + "1.5",
        'a: !!int ""',
        "a: !!bool maybe",
        "a: !!timestamp soon",
        "a: =",
        "? [a]\n: b",
        "draft: true\n" + "\n".join(f"key{number}: {'x' * 60}" for number in range(5000)),
    ],
)
def test_bad_front_matter_costs_one_file_only(tmp_path: Path, settings: str) -> None:
    items = read(folder(tmp_path, {"bad.md": f"---\n{settings}\n---\n{BODY}", "good.md": BODY}))
    assert skipped(items) == {"bad.md": Reason.FRONT_MATTER}
    assert len(items) == 2


@pytest.mark.parametrize(
    "settings",
    [
        "a = " + "[" * 300 + "]" * 300,
        "a = " + "[" * 900 + "]" * 900,
        "a" + ".b" * 2000 + " = 1",
        "a = 0x" + "f" * 5000,
        "a = 1\na = 2",
        "a = 2024-13-45",
    ],
)
def test_bad_toml_costs_one_file_only(tmp_path: Path, settings: str) -> None:
    items = read(folder(tmp_path, {"bad.md": f"+++\n{settings}\n+++\n{BODY}", "good.md": BODY}))
    assert skipped(items) == {"bad.md": Reason.FRONT_MATTER}
    assert len(items) == 2


def test_bad_files_are_reported_and_the_rest_comes_in(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        {
            "good.md": BODY,
            "latin.md": "Caf\xe9 society".encode("latin-1"),
            "wide.md": BODY.encode("utf-16-le"),
            "wide-marked.md": BODY.encode("utf-16"),
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
        "wide.md": Reason.NOT_UTF8,
        "wide-marked.md": Reason.NOT_UTF8,
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


def test_a_colon_in_a_name_points_nowhere(tmp_path: Path) -> None:
    assert skipped(read(folder(tmp_path, {"10:30 the meeting.md": BODY, "a:b/c.md": BODY}))) == {}


def test_a_name_of_bytes_that_are_no_text_is_written_out(tmp_path: Path) -> None:
    root = folder(tmp_path, {"good.md": BODY})
    for name in (b"caf\xe9.md", b"caf\xe9.png"):
        Path(os.fsdecode(bytes(root) + b"/" + name)).write_text(BODY)
    items = read(root)
    assert skipped(items) == {"caf\\udce9.png": Reason.NOT_MARKDOWN}
    assert sorted(item.key for item in items if isinstance(item, SourcePost)) == [
        "markdown:caf\\udce9.md",
        "markdown:good.md",
    ]


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


def test_an_encrypted_file_in_a_zip_costs_one_item(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"bad.md": BODY, "good.md": BODY})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert skipped(read(path)) == {"bad.md": Reason.UNREADABLE}


def test_a_zip_of_far_too_many_files_is_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.importing.archives.MAX_DIRECTORY", 5_000)
    with pytest.raises(Refused) as caught:
        open_folder(zipped(tmp_path, {f"{number}.md": BODY for number in range(200)}))
    assert (caught.value.why, caught.value.detail) == (Reason.NOT_ZIP, "its directory is too large")


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_whatever_is_wrong_with_a_zip_is_one_of_two_errors(changes: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = zipped(Path(folder), {"a.md": BODY * 9, "caf\xe9.md": BODY})
        data = bytearray(path.read_bytes())
        for place, value in changes:
            data[place % len(data)] = value
        path.write_bytes(data)
        with suppress(Refused):
            assert all(isinstance(item, SourcePost | Skip) for item in read(path))


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "site.zip"
    path.write_bytes(data)
    with pytest.raises(Refused) as caught:
        read(path)
    assert caught.value.why in {Reason.NOT_ZIP, Reason.EMPTY}
