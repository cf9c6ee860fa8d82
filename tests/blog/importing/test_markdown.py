"""What the reader of Markdown folders and zips makes of real, odd and hostile ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from myapp.blog import BodyFormat, PostStatus
from myapp.blog.importing.items import Item, Skip, SourcePost
from myapp.blog.importing.markdown import open_folder
from myapp.blog.importing.report import Reason, Refused

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


def test_front_matter_says_everything_a_post_has(tmp_path: Path) -> None:
    text = f"""---
title: "Fish & chips"
date: 2024-01-31 12:00:00 +02:00
lastmod: 2024-02-01
tags: [Sea, Food]
categories: Recipes
slug: fish
author: Ada Lovelace
excerpt: In short
featured: true
aliases: [/2023/old-fish/, fsh]
metadata: {{mood: hungry}}
cover: fish.jpg
---

{BODY}
"""
    found = post(tmp_path, text)
    assert (found.title, found.slug, found.author, found.excerpt) == (
        "Fish & chips",
        "fish",
        "Ada Lovelace",
        "In short",
    )
    assert (found.at, found.updated_at) == (datetime(2024, 1, 31, 10, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    assert [tag.name for tag in found.tags] == ["Sea", "Food", "Recipes"]
    assert found.meta == {"mood": "hungry", "cover": "fish.jpg", "categories": ["Recipes"]}
    assert found.old_slugs == ["old-fish", "fsh"]
    assert (found.is_featured, found.status, found.body_format) == (True, PostStatus.PUBLISHED, BodyFormat.MARKDOWN)
    assert found.body == BODY
    assert found.warnings == []


def test_toml_front_matter_is_read(tmp_path: Path) -> None:
    text = f'+++\ntitle = "Fish"\ndate = 2024-01-31T10:00:00Z\ndraft = true\ntags = ["Sea"]\n+++\n{BODY}'
    found = post(tmp_path, text)
    assert (found.title, found.status, found.at) == ("Fish", PostStatus.DRAFT, datetime(2024, 1, 31, 10, tzinfo=UTC))


def test_windows_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    found = post(tmp_path, f"\ufeff---\r\ntitle: Fish\r\n---\r\n\r\n{BODY}\r\n")
    assert (found.title, found.body) == ("Fish", BODY)


@pytest.mark.parametrize(
    ("name", "slug", "title", "at"),
    [
        ("2024-01-31-fish-and-chips.md", "fish-and-chips", "Fish and chips", datetime(2024, 1, 31, tzinfo=UTC)),
        ("posts/fish/index.md", "fish", "Fish", None),
        ("2024-01-31-fish/index.md", "fish", "Fish", datetime(2024, 1, 31, tzinfo=UTC)),
        ("рыба.markdown", "рыба", "Рыба", None),
    ],
)
def test_a_name_tells_what_the_front_matter_does_not(
    tmp_path: Path, name: str, slug: str, title: str, at: datetime | None
) -> None:
    found = post(tmp_path, BODY, name)
    assert (found.slug, found.title) == (slug, title)
    assert at is None or found.at == at


def test_a_heading_that_begins_the_text_is_the_title(tmp_path: Path) -> None:
    found = post(tmp_path, f"# Fish & chips #\n\n{BODY}")
    assert (found.title, found.body) == ("Fish & chips", BODY)


def test_a_rule_at_the_beginning_is_no_front_matter(tmp_path: Path) -> None:
    text = "---\n\nThe first part.\n\n---\n\nThe second part."
    assert post(tmp_path, text).body == text


@pytest.mark.parametrize(
    ("settings", "expected", "warned"),
    [
        ("draft: true", PostStatus.DRAFT, []),
        ("published: false", PostStatus.DRAFT, []),
        ("status: draft", PostStatus.DRAFT, []),
        ("status: scheduled", PostStatus.SCHEDULED, []),
        ("status: archived", PostStatus.DRAFT, [Reason.UNKNOWN_STATUS]),
        ("private: true", PostStatus.DRAFT, [Reason.PRIVATE]),
        ("visibility: members", PostStatus.DRAFT, [Reason.PRIVATE]),
        ("visibility: public", PostStatus.PUBLISHED, []),
        ("password: enter", PostStatus.DRAFT, [Reason.PASSWORD]),
    ],
)
def test_what_was_not_public_becomes_a_draft(
    tmp_path: Path, settings: str, expected: PostStatus, warned: list[Reason]
) -> None:
    found = post(tmp_path, f"---\n{settings}\n---\n{BODY}")
    assert (found.status, [note.why for note in found.warnings]) == (expected, warned)


def test_a_file_among_the_drafts_is_one(tmp_path: Path) -> None:
    files = {"_drafts/fish.md": BODY}
    root = folder(tmp_path, files)
    for path in (root, root / "_drafts", zipped(tmp_path, files)):
        (found,) = read(path)
        assert isinstance(found, SourcePost)
        assert found.status == PostStatus.DRAFT


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01-31 10:00:00 -0500", datetime(2024, 1, 31, 15, tzinfo=UTC)),
        ("2024-01-31T10:00:00.123Z", datetime(2024, 1, 31, 10, 0, 0, 123000, tzinfo=UTC)),
        ("January 31, 2024", datetime(2024, 1, 31, tzinfo=UTC)),
        ("Wed, 31 Jan 2024 10:00:00 +0100", datetime(2024, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_people_write_them(tmp_path: Path, value: str, at: datetime) -> None:
    assert post(tmp_path, f"---\ndate: {value}\n---\n{BODY}").at == at


def test_a_date_that_is_none_is_reported(tmp_path: Path) -> None:
    found = post(tmp_path, f"---\ndate: next week\n---\n{BODY}")
    assert [note.why for note in found.warnings] == [Reason.DATE_UNKNOWN]


def test_odd_values_are_made_storable(tmp_path: Path) -> None:
    text = f"""---
title: 2024
tags: "one, two words,, one"
a: .nan
b: 99999999999999999999999
c: !!set {{x, y}}
d: "nul \\0 end"
e: !!binary aGVsbG8=
f: 2024-01-31
1: one
---
{BODY}"""
    found = post(tmp_path, text)
    assert found.title == "2024"
    assert [tag.name for tag in found.tags] == ["one", "two words"]
    assert found.meta == {
        "b": "99999999999999999999999",
        "c": ["x", "y"],
        "d": "nul  end",
        "f": "2024-01-31",
        "1": "one",
    }


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
    path = zipped(tmp_path, {"bomb.md": b"0" * 300_000_000, "good.md": BODY})
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


def test_one_file_alone_is_a_source(tmp_path: Path) -> None:
    path = folder(tmp_path, {"fish.md": BODY, "other.md": BODY}) / "fish.md"
    (found,) = read(path)
    assert isinstance(found, SourcePost)
    assert found.slug == "fish"


def test_a_file_is_the_same_in_a_folder_and_in_a_zip_of_it(tmp_path: Path) -> None:
    files = {"posts/a.md": BODY, "b.md": BODY}
    plain = {item.key for item in read(folder(tmp_path, files)) if isinstance(item, SourcePost)}
    wrapped = read(zipped(tmp_path, {f"site-main/{name}": text for name, text in files.items()}))
    assert {item.key for item in wrapped if isinstance(item, SourcePost)} == plain


def test_the_author_is_known_by_name_and_address(tmp_path: Path) -> None:
    text = f"---\nauthor: {{name: Ada Lovelace, email: ada@example.org}}\n---\n{BODY}"
    source = open_folder(folder(tmp_path, {"a.md": text}))
    list(source.items())
    assert source.authors["Ada Lovelace"].email == "ada@example.org"


def test_templates_of_the_old_site_are_reported(tmp_path: Path) -> None:
    found = post(tmp_path, f"{BODY} {{{{< youtube abc >}}}} {{% raw %}}")
    assert [(note.why, note.detail) for note in found.warnings] == [(Reason.SHORTCODES, "youtube, raw")]
