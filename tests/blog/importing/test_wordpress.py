"""What the reader of WordPress exports makes of real, odd and hostile files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from myapp.blog import CommentKind, PostStatus
from myapp.blog.importing.items import Aside, Skip, SourcePost
from myapp.blog.importing.report import Reason
from tests.blog.importing.wordpress_files import comments, post, posts, read, warnings
from tests.factories.wordpress import cdata, comment, export, item


def test_an_item_tells_everything_a_post_has(tmp_path: Path) -> None:
    found = post(
        tmp_path,
        item(
            7,
            title="Fish &amp; <em>chips</em>",
            excerpt="In short",
            creator="ada",
            name="fish",
            sticky=1,
            categories=[("category", "food", "Food &amp; drink"), ("post_tag", "sea", "Sea")],
            meta=[("_wp_old_slug", "fsh"), ("mood", "hungry"), ("_edit_last", "1"), ("data", 'a:1:{i:0;s:1:"x";}')],
        ),
    )
    assert found.label == "Fish & chips"
    assert (found.slug, found.old_slugs, found.author, found.is_featured) == ("fish", ["fsh"], "ada", True)
    assert (found.status, found.at) == (PostStatus.PUBLISHED, datetime(2024, 1, 31, 10, tzinfo=UTC))
    assert [(tag.name, tag.slug) for tag in found.tags] == [("Food & drink", "food"), ("Sea", "sea")]
    assert found.meta["categories"] == ["Food & drink"]
    assert found.meta["mood"] == "hungry"
    assert "data" not in found.meta
    assert found.meta["wordpress"]["link"] == "https://blog.example/?p=7"
    assert found.excerpt == "In short"
    assert warnings(found) == []


def test_shortcodes_that_stay_and_fields_of_several_values(tmp_path: Path) -> None:
    found = post(tmp_path, item(body='Words [contact id="7"] words', meta=[("mood", "calm"), ("mood", "glad")]))
    assert found.meta["mood"] == ["calm", "glad"]
    assert [(note.why, note.detail) for note in found.warnings] == [(Reason.SHORTCODES, "contact")]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_version_of_the_format_is_read(tmp_path: Path, version: str) -> None:
    assert post(tmp_path, item(name="seven"), version=version).slug == "seven"


def test_a_prefix_is_only_a_prefix(tmp_path: Path) -> None:
    text = export(item(name="seven")).replace("xmlns:wp=", "xmlns:press=").replace("wp:", "press:")
    (found,) = read(tmp_path, text)
    assert isinstance(found, SourcePost)
    assert found.slug == "seven"


@pytest.mark.parametrize(
    ("status", "expected", "warned"),
    [
        ("publish", PostStatus.PUBLISHED, []),
        ("future", PostStatus.SCHEDULED, []),
        ("draft", PostStatus.DRAFT, []),
        ("pending", PostStatus.DRAFT, []),
        ("private", PostStatus.DRAFT, [Reason.PRIVATE]),
        ("wc-archived", PostStatus.DRAFT, [Reason.UNKNOWN_STATUS]),
    ],
)
def test_what_was_not_public_becomes_a_draft(
    tmp_path: Path, status: str, expected: PostStatus, warned: list[Reason]
) -> None:
    found = post(tmp_path, item(status=status))
    assert (found.status, warnings(found)) == (expected, warned)


def test_a_password_makes_a_draft_of_a_published_post(tmp_path: Path) -> None:
    found = post(tmp_path, item(password="enter"))
    assert (found.status, warnings(found)) == (PostStatus.DRAFT, [Reason.PASSWORD])
    assert "enter" not in str(found)


@pytest.mark.parametrize(
    ("kind", "status", "why", "detail"),
    [
        ("post", "trash", Reason.TRASH, ""),
        ("post", "auto-draft", Reason.AUTO_DRAFT, ""),
        ("nav_menu_item", "publish", Reason.POST_TYPE, "nav_menu_item"),
        ("attachment", "inherit", Reason.UNATTACHED, ""),
    ],
)
def test_what_is_no_post_is_skipped_with_its_reason(
    tmp_path: Path, kind: str, status: str, why: Reason, detail: str
) -> None:
    (found,) = read(tmp_path, export(item(title="Old <b>news</b>", kind=kind, status=status)))
    assert isinstance(found, Skip)
    assert (found.note.item, found.note.why, found.note.detail) == ("Old news", why, detail)


def test_a_page_is_a_post_that_says_so(tmp_path: Path) -> None:
    found = post(tmp_path, item(kind="page"))
    assert found.is_page
    assert found.meta["type"] == "page"


def test_attachments_are_references_of_their_post_wherever_they_stand(tmp_path: Path) -> None:
    picture = item(
        8,
        kind="attachment",
        status="inherit",
        title="A cat",
        excerpt="Asleep",
        parent=1,
        meta=[("_wp_attachment_image_alt", "Grey cat")],
        extra="<wp:attachment_url>https://blog.example/cat.jpg</wp:attachment_url>",
    )
    items = read(tmp_path, export(item(1, body="[gallery]", meta=[("_thumbnail_id", "8")]), picture))
    found, aside = items
    assert isinstance(found, SourcePost)
    assert isinstance(aside, Aside)
    expected = {
        "url": "https://blog.example/cat.jpg",
        "title": "A cat",
        "mime": "image/jpeg",
        "alt": "Grey cat",
        "caption": "Asleep",
    }
    assert found.meta["attachments"] == [expected]
    assert found.meta["cover"] == expected
    assert '<img src="https://blog.example/cat.jpg" alt="Grey cat">' in found.body


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "cat.jpg"])
def test_an_attachment_that_is_not_on_the_web_is_no_reference(tmp_path: Path, url: str) -> None:
    extra = f"<wp:attachment_url>{url}</wp:attachment_url>"
    found, _ = read(tmp_path, export(item(1), item(8, kind="attachment", parent=1, extra=extra)))
    assert isinstance(found, SourcePost)
    assert "attachments" not in found.meta


class TestDates:
    def test_a_draft_without_a_universal_time_has_its_own_by_the_clock_of_the_blog(self, tmp_path: Path) -> None:
        draft = item(2, status="draft", date="2024-03-01 12:00:00", date_gmt="0000-00-00 00:00:00")
        _, found = posts(tmp_path, item(1), draft)
        assert found.at == datetime(2024, 3, 1, 11, tzinfo=UTC)

    def test_without_either_the_date_of_the_feed_counts(self, tmp_path: Path) -> None:
        found = post(tmp_path, item(date="", date_gmt="0000-00-00 00:00:00"))
        assert found.at == datetime(2024, 1, 31, 10, tzinfo=UTC)

    @pytest.mark.parametrize("date", ["2024-02-30 00:00:00", "soon", "-0001-11-30 00:00:00", "99999-01-01"])
    def test_a_date_that_is_none_is_none(self, tmp_path: Path, date: str) -> None:
        text = export(item(date=date, date_gmt=date)).replace("<pubDate>Wed, 31 Jan 2024 10:00:00 +0000</pubDate>", "")
        (found,) = read(tmp_path, text)
        assert isinstance(found, SourcePost)
        assert found.at is None


class TestComments:
    def test_replies_to_replies_join_the_thread_they_are_in(self, tmp_path: Path) -> None:
        deep = comments(
            tmp_path,
            comment(4, parent=3),
            comment(1),
            comment(2, parent=1),
            comment(3, parent=2),
        )
        top = next(one for one in deep if one.parent is None)
        assert top.key.endswith(":1")
        assert {one.parent for one in deep if one is not top} == {top.key}
        assert deep[0] is top

    def test_a_reply_to_a_comment_that_stays_out_joins_the_thread_above_it(self, tmp_path: Path) -> None:
        found = comments(tmp_path, comment(1), comment(2, parent=1, approved="spam"), comment(3, parent=2))
        assert [one.parent for one in found] == [None, found[0].key]

    @pytest.mark.parametrize("parents", [(2, 1), (1, 1), (99, 99)])
    def test_rings_and_lost_parents_make_comments_of_their_own(self, tmp_path: Path, parents: tuple[int, int]) -> None:
        found = comments(tmp_path, comment(1, parent=parents[0]), comment(2, parent=parents[1]))
        keys = {one.key for one in found if one.parent is None}
        assert len(found) == 2
        assert keys
        assert all(one.parent in {*keys, None} for one in found)

    def test_an_answer_to_another_sites_notice_is_a_comment_of_its_own(self, tmp_path: Path) -> None:
        """Notices stand apart, so nobody would see what stood under one."""
        found = comments(tmp_path, comment(1, kind="pingback"), comment(2, parent=1), comment(3, parent=2))
        assert [one.parent for one in found] == [None, None, found[1].key]

    def test_a_chain_of_replies_is_walked_over_once(self, tmp_path: Path) -> None:
        found = comments(tmp_path, *(comment(number, parent=number - 1) for number in range(1, 10_001)))
        assert {one.parent for one in found} == {None, found[0].key}

    def test_headings_are_lines_of_their_own(self, tmp_path: Path) -> None:
        (found,) = comments(tmp_path, comment(1, body="<h1>One</h1>\n<H2 class='x'>Two</H2>"))
        assert found.body == "<p>One</p>\n<p>Two</p>"

    def test_pingbacks_and_trackbacks_keep_their_kind(self, tmp_path: Path) -> None:
        found = comments(tmp_path, comment(1, kind="pingback"), comment(2, kind="trackback"), comment(3, kind=""))
        assert [one.kind for one in found] == [CommentKind.PINGBACK, CommentKind.TRACKBACK, CommentKind.COMMENT]

    def test_what_readers_did_not_see_stays_out_and_is_counted(self, tmp_path: Path) -> None:
        hidden = [
            comment(1, approved="0"),
            comment(2, approved="spam"),
            comment(3, approved="trash"),
            comment(4, approved="post-trashed"),
            comment(5, kind="note"),
            comment(6, body=" <br> \u200b"),
        ]
        found = post(tmp_path, item(comments=hidden))
        assert found.comments == []
        assert found.comments_skipped == {
            Reason.UNAPPROVED: 1,
            Reason.SPAM: 1,
            Reason.COMMENT_TRASH: 2,
            Reason.COMMENT_TYPE: 1,
            Reason.COMMENT_EMPTY: 1,
        }

    def test_only_who_was_logged_in_gets_an_account_and_no_address_is_kept(self, tmp_path: Path) -> None:
        logged_in, visitor = comments(tmp_path, comment(1, user=7), comment(2, email="ada@example.org", user=0))
        assert (logged_in.author, visitor.author) == ("ada", None)
        assert "example.org" not in str(visitor)

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://x y", "example.org"])
    def test_an_address_that_is_no_web_address_is_dropped(self, tmp_path: Path, url: str) -> None:
        (found,) = comments(tmp_path, comment(url=url))
        assert found.author_url is None


def test_the_key_of_a_post_is_the_same_in_every_export_of_a_site(tmp_path: Path) -> None:
    first, second = post(tmp_path, item(7)), post(tmp_path, item(7, title="Another title", name="elsewhere"))
    assert first.key == second.key
    assert first.fingerprint != second.fingerprint


def test_version_1_0_names_each_category_twice_and_has_it_once(tmp_path: Path) -> None:
    twice = (
        f'<category>{cdata("News")}</category><category domain="category" nicename="news">{cdata("News")}</category>'
    )
    found = post(tmp_path, item(extra=twice), version="1.0")
    assert [(tag.name, tag.slug) for tag in found.tags] == [("News", "news")]
