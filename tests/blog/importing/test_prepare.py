"""The blog's rules for posts from elsewhere: what is refused, and what is made to fit."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from myapp.blog import BodyFormat, ImportKind, PostStatus
from myapp.blog.importing.comment_text import as_markdown
from myapp.blog.importing.items import Skip, SourcePost, SourceTag
from myapp.blog.importing.prepare import ReadyPost, prepare
from myapp.blog.importing.report import Reason
from myapp.kit.markup import render_note

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def source(**values: Any) -> SourcePost:
    usual: dict[str, Any] = {
        "key": "k",
        "made_from": ImportKind.WORDPRESS,
        "fingerprint": "f",
        "label": "A post",
        "title": "A title",
        "body": "Some words that make a body.",
        "body_format": BodyFormat.HTML,
        "at": NOW,
    }
    return SourcePost(**(usual | values))


def ready(**values: Any) -> ReadyPost:
    found = prepare(source(**values), NOW)
    assert isinstance(found, ReadyPost), found
    return found


def warnings(post: ReadyPost) -> list[tuple[Reason, str]]:
    return [(note.why, note.detail) for note in post.warnings]


@pytest.mark.parametrize(
    ("body", "body_format", "why"),
    [
        ("<div>" * 1000 + "words", BodyFormat.HTML, Reason.TOO_DEEP),
        ("<p>word</p>" * 20_000, BodyFormat.HTML, Reason.TOO_BIG),
        ("<!-- -->" * 300_000, BodyFormat.HTML, Reason.TOO_BIG),
        ("word " * 50_000, BodyFormat.MARKDOWN, Reason.TOO_BIG),
        ("<script>alert('a long one')</script>", BodyFormat.HTML, Reason.NO_BODY),
        ("\u200b \u200b \u200b \u200b \u200b \u200b", BodyFormat.MARKDOWN, Reason.NO_BODY),
        ("Too short", BodyFormat.MARKDOWN, Reason.NO_BODY),
    ],
)
def test_what_can_be_no_body_is_skipped(body: str, body_format: BodyFormat, why: Reason) -> None:
    found = prepare(source(body=body, body_format=body_format), NOW)
    assert isinstance(found, Skip)
    assert found.note.why == why


def test_a_picture_alone_is_a_body() -> None:
    assert "cat.jpg" in ready(body='<img src="https://e.example/cat.jpg">').row["body_html"]


def test_what_has_no_date_has_that_of_the_import_and_says_so() -> None:
    post = ready(at=None)
    assert (post.row["published_at"], post.row["inserted_at"], warnings(post)) == (
        NOW,
        NOW,
        [(Reason.DATE_UNKNOWN, "")],
    )


def test_a_draft_needs_no_date() -> None:
    post = ready(at=None, status=PostStatus.DRAFT)
    assert (post.row["published_at"], warnings(post)) == (None, [])


def test_nothing_was_written_after_the_import() -> None:
    later = datetime(2030, 1, 1, tzinfo=UTC)
    row = ready(at=later, created_at=later, updated_at=later).row
    assert (row["inserted_at"], row["updated_at"], row["published_at"]) == (NOW, NOW, later)
    assert row["status"] == PostStatus.SCHEDULED


def test_tags_fit_and_each_has_a_slug_of_its_own() -> None:
    names = ["Sea", " sea ", "\U0001f389", "\U0001f333", "\u200b", "x" * 60]
    tags = ready(tags=[SourceTag(name) for name in names]).tags
    assert [tag.name for tag in tags] == ["Sea", "\U0001f389", "\U0001f333", "x" * 49 + "…"]
    assert len({tag.slug for tag in tags}) == 4


def test_tags_beyond_what_a_post_may_have_are_named() -> None:
    post = ready(tags=[SourceTag(f"Tag {number}") for number in range(102)])
    assert len(post.tags) == 100
    assert warnings(post) == [(Reason.TAGS_CUT, "Tag 100, Tag 101")]


def test_the_largest_metadata_go_until_the_rest_fits() -> None:
    post = ready(meta={"small": "x", "large": "x" * 9_000, "larger": "x" * 9_500})
    assert {name for name in post.row["meta"] if name != "import"} == {"small", "large"}
    assert warnings(post) == [(Reason.METADATA_CUT, "larger")]


@pytest.mark.parametrize(
    "value", ["a\0b", "\udcff", 2**64, {"isbn": -(2**63) - 1}, reduce(lambda inner, _: [inner], range(40), [])]
)
def test_metadata_that_can_not_be_stored_go(value: object) -> None:
    post = ready(meta={"odd": value, "mood": "calm"})
    assert {name for name in post.row["meta"] if name != "import"} == {"mood"}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '<p>See <a href="https://e.example/?a=1&amp;b">this &amp; that</a>.</p>',
            "See [this & that](https://e.example/?a=1&b).",
        ),
        ("<blockquote><p>One<br>\ntwo</p></blockquote><p>No.</p>", "> One\n> two\n\nNo."),
        ("<ul><li>one</li>\n<li>two</li></ul>", "- one\n- two"),
        ("<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>", "**a** *b* ~~c~~ `d`"),
    ],
)
def test_a_comment_can_be_edited_as_what_it_looks_like(html: str, text: str) -> None:
    assert as_markdown(html) == text
    assert as_markdown(render_note(text)) == text
