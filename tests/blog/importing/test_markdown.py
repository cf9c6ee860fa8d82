"""What the reader of Markdown folders and zips makes of real, odd and hostile ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from myapp.blog import BodyFormat, PostStatus
from myapp.blog.importing.items import SourcePost
from myapp.blog.importing.markdown import open_folder
from myapp.blog.importing.report import Reason
from tests.blog.importing.markdown_files import BODY, folder, post, read, zipped


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


def test_a_long_heading_takes_no_longer_than_its_length(tmp_path: Path) -> None:
    found = post(tmp_path, f"# Fish{' ' * 500_000}chips\n\n{BODY}")
    assert found.body == BODY


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
        ('draft: "true"', PostStatus.DRAFT, []),
        ("draft: 1", PostStatus.DRAFT, []),
        ('published: "false"', PostStatus.DRAFT, []),
        ('private: "yes"', PostStatus.DRAFT, [Reason.PRIVATE]),
        ("visibility: [members]", PostStatus.DRAFT, [Reason.PRIVATE]),
        ("status: [draft]", PostStatus.DRAFT, [Reason.UNKNOWN_STATUS]),
        ("date: 2020-01-01\nexpiryDate: 2021-01-01", PostStatus.DRAFT, []),
        ("date: 2020-01-01\nexpiryDate: 2999-01-01", PostStatus.PUBLISHED, []),
        ('draft: "false"', PostStatus.PUBLISHED, []),
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
        ("2024-01-31 10:00:00 UTC", datetime(2024, 1, 31, 10, tzinfo=UTC)),
        ("2024-01-31T10:00:00 GMT", datetime(2024, 1, 31, 10, tzinfo=UTC)),
        ("2024-01-31T10:00:00+05:30", datetime(2024, 1, 31, 4, 30, tzinfo=UTC)),
        ("2024-01-31 10:00 +0530", datetime(2024, 1, 31, 4, 30, tzinfo=UTC)),
        ("January 31, 2024 3:04 PM", datetime(2024, 1, 31, 15, 4, tzinfo=UTC)),
        ("2024-01-31 12:30 a.m.", datetime(2024, 1, 31, 0, 30, tzinfo=UTC)),
        ("Wed Jan 31 2024 10:00:00 GMT+0100 (CET)", datetime(2024, 1, 31, 9, tzinfo=UTC)),
        ("2024/01/31 10:00", datetime(2024, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_people_write_them(tmp_path: Path, value: str, at: datetime) -> None:
    assert post(tmp_path, f"---\ndate: {value}\n---\n{BODY}").at == at


@pytest.mark.parametrize(
    "value",
    ["next week", "2024-01-31 10:00 EST", "2024-01-31 13:00 PM", "0001-01-01 00:00:00 +1400", "2024" + " " * 60_000],
)
def test_a_date_that_is_none_is_reported(tmp_path: Path, value: str) -> None:
    found = post(tmp_path, f'---\ndate: "{value}x"\n---\n{BODY}')
    assert [note.why for note in found.warnings] == [Reason.DATE_UNKNOWN]


def test_what_is_to_be_published_later_waits_whenever_it_was_written(tmp_path: Path) -> None:
    found = post(tmp_path, f"---\ndate: 2020-01-01\npublishDate: 2999-01-01\n---\n{BODY}")
    assert found.at == datetime(2999, 1, 1, tzinfo=UTC)


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


@pytest.mark.parametrize("value", ["[Ada Lovelace, Grace]", "[{name: Ada Lovelace}]", "{username: Ada Lovelace}"])
def test_the_first_of_several_authors_is_the_author(tmp_path: Path, value: str) -> None:
    assert post(tmp_path, f"---\nauthors: {value}\n---\n{BODY}").author == "Ada Lovelace"


@pytest.mark.parametrize("settings", ["layout: page", "type: page"])
def test_a_page_says_so(tmp_path: Path, settings: str) -> None:
    found = post(tmp_path, f"---\n{settings}\n---\n{BODY}")
    assert (found.is_page, found.meta) == (True, {"type": "page"})


def test_templates_of_the_old_site_are_reported(tmp_path: Path) -> None:
    found = post(tmp_path, f"{BODY} {{{{< youtube abc >}}}} {{% raw %}}")
    assert [(note.why, note.detail) for note in found.warnings] == [(Reason.SHORTCODES, "youtube, raw")]
