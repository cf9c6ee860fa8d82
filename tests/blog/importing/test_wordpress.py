"""What the reader of WordPress exports makes of real, odd and hostile files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from myapp.blog import CommentKind, PostStatus
from myapp.blog.importing import wordpress
from myapp.blog.importing.items import Aside, Item, Skip, SourceComment, SourcePost
from myapp.blog.importing.report import Reason, Refused
from tests.factories.wordpress import TAIL, author, cdata, comment, export, item


def read(tmp_path: Path, text: str | bytes) -> list[Item]:
    path = tmp_path / "export.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(wordpress.read(path, wordpress.survey(path)))


def posts(tmp_path: Path, *parts: str, **head: str) -> list[SourcePost]:
    return [found for found in read(tmp_path, export(*parts, **head)) if isinstance(found, SourcePost)]


def post(tmp_path: Path, *parts: str, **head: str) -> SourcePost:
    (found,) = posts(tmp_path, *parts, **head)
    return found


def comments(tmp_path: Path, *found: str) -> list[SourceComment]:
    return post(tmp_path, author("ada", key=7), item(comments=found)).comments


def warnings(found: SourcePost) -> list[Reason]:
    return [note.why for note in found.warnings]


def refusal(tmp_path: Path, text: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read(tmp_path, text)
    return caught.value


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


class TestOddFiles:
    def test_bytes_that_are_not_of_the_encoding_cost_a_character_and_are_reported(self, tmp_path: Path) -> None:
        text = export(item(title="Caf\xe9 society")).encode("latin-1")
        (found,) = read(tmp_path, text)
        assert isinstance(found, SourcePost)
        assert found.title == "Caf\ufffd society"
        assert warnings(found) == [Reason.BAD_CHARACTERS]

    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("ISO-8859-1", "Caf\xe9"),
            ("windows-1252", "\u201cquoted\u201d"),
            ("windows-1251", "\u041f\u0440\u0438\u0432\u0435\u0442"),
            ("Shift_JIS", "\u65e5\u672c\u8a9e"),
            ("GBK", "\u4e2d\u6587"),
            ("utf-16", "\u0645\u0631\u062d\u0628\u0627"),
            ("UTF-8", "\u05e9\u05dc\u05d5\u05dd \U0001f333"),
            ("utf-8-sig", "with a mark"),
        ],
    )
    def test_declared_encodings_are_read(self, tmp_path: Path, encoding: str, text: str) -> None:
        declared = "UTF-8" if encoding == "utf-8-sig" else encoding
        (found,) = read(tmp_path, export(item(title=text), encoding=declared).encode(encoding))
        assert isinstance(found, SourcePost)
        assert found.title == text

    def test_latin_1_means_what_browsers_take_it_for(self, tmp_path: Path) -> None:
        data = export(item(title="\u2019t was"), encoding="ISO-8859-1").encode("windows-1252")
        (found,) = read(tmp_path, data)
        assert isinstance(found, SourcePost)
        assert found.title == "\u2019t was"

    @pytest.mark.parametrize("encoding", ["zip", "hex", "martian", "rot13"])
    def test_an_encoding_that_is_none_is_refused(self, tmp_path: Path, encoding: str) -> None:
        found = refusal(tmp_path, export(item(), encoding=encoding))
        assert (found.why, found.detail) == (Reason.ENCODING, encoding)

    def test_blanks_before_the_declaration_do_not_matter(self, tmp_path: Path) -> None:
        (found,) = read(tmp_path, "\n\n  " + export(item()))
        assert isinstance(found, SourcePost)

    def test_forbidden_characters_and_references_to_them_are_dropped(self, tmp_path: Path) -> None:
        text = export(item(body="one\x0b two\x00 \uffff three", name="x")).replace("A site", "A &#11;&#xD800;&#0; site")
        (found,) = read(tmp_path, text)
        assert isinstance(found, SourcePost)
        assert found.body == "<p>one two  three</p>"

    def test_a_section_that_was_split_is_whole_again(self, tmp_path: Path) -> None:
        assert post(tmp_path, item(title="if (a[b[0]]>c)")).title == "if (a[b[0]]>c)"

    @pytest.mark.parametrize("size", [1, 7, 4096])
    def test_where_the_file_is_cut_into_pieces_does_not_show(
        self, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("myapp.blog.importing.wordpress._xml.CHUNK", size)
        found = post(tmp_path, item(body="A &amp; B &#8217; \U0001f333 \x0b" * 20, categories=[("category", "x", "X")]))
        assert found.body.count("\U0001f333") == 20
        assert [tag.name for tag in found.tags] == ["X"]

    def test_the_zip_that_wordpress_com_gives_is_read_file_by_file(self, tmp_path: Path) -> None:
        path = tmp_path / "site.zip"
        with ZipFile(path, "w") as archive:
            archive.writestr("site/b.xml", export(item(2)))
            archive.writestr("site/a.xml", export(item(1)))
            archive.writestr("site/readme.txt", "not xml")
        about = wordpress.survey(path)
        keys = [found.key for found in wordpress.read(path, about) if isinstance(found, SourcePost)]
        assert about.total == 2
        assert [key[-2:] for key in keys] == [":1", ":2"]

    @pytest.mark.parametrize("text", ["", "hello", "<html><body/></html>", '{"posts": []}', "PK\x03\x04"])
    def test_what_is_no_export_is_refused(self, tmp_path: Path, text: str) -> None:
        assert refusal(tmp_path, text).why in {Reason.NOT_WORDPRESS, Reason.BROKEN_XML, Reason.TRUNCATED}

    def test_a_feed_is_no_export(self, tmp_path: Path) -> None:
        text = '<rss version="2.0"><channel><title>News</title><item><title>One</title></item></channel></rss>'
        assert refusal(tmp_path, text).why == Reason.NOT_WORDPRESS


class TestBrokenFiles:
    def test_what_comes_before_the_break_is_read_and_the_place_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "export.xml"
        path.write_text(export(item(1), item(2), "<item><title>half</titel></item>"))
        about = wordpress.survey(path)
        found: list[Item] = []
        with pytest.raises(Refused) as caught:
            found.extend(wordpress.read(path, about))
        broken = caught.value
        line = path.read_text().splitlines().index("<item><title>half</titel></item>") + 1
        assert about.total == 2
        assert (broken.why, broken.line, broken.column) == (Reason.BROKEN_XML, line, 20)
        assert about.broken is not None
        assert about.broken.line == line

    def test_a_file_that_ends_too_early_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "export.xml"
        path.write_text(export(item(1), item(2)).removesuffix(TAIL)[:-200])
        about = wordpress.survey(path)
        assert about.total == 1
        assert about.broken is not None
        assert about.broken.why == Reason.TRUNCATED


HOSTILE = {
    "entity bomb": (
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
        Reason.DOCTYPE,
    ),
    "quadratic blow-up": (f'<!DOCTYPE rss [<!ENTITY a "{"a" * 5000}">]>', Reason.DOCTYPE),
    "external entity": ('<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>', Reason.DOCTYPE),
    "parameter entity": ('<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>', Reason.DOCTYPE),
    "external document type": ('<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">', Reason.DOCTYPE),
}


class TestHostileFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_document_types_are_refused(self, tmp_path: Path, name: str) -> None:
        declaration, why = HOSTILE[name]
        text = export(item(title="&c;&a;&x;")).replace("<rss ", f"{declaration}\n<rss ", 1)
        found = refusal(tmp_path, text)
        assert found.why == why
        assert found.line > 1

    def test_deep_nests_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, export(item(), "<x>" * 100_000)).why == Reason.NESTING

    def test_a_tag_without_end_is_refused_before_it_is_held_in_memory(self, tmp_path: Path) -> None:
        found = refusal(tmp_path, export(item(), '<x y="' + "z" * 3_000_000))
        assert found.why == Reason.HUGE_MARKUP

    def test_endlessly_many_names_are_refused(self, tmp_path: Path) -> None:
        names = "".join(f"<n{number}/>" for number in range(40_000))
        assert refusal(tmp_path, export(item(), names)).why == Reason.HUGE_MARKUP

    def test_a_huge_text_costs_its_item_only(self, tmp_path: Path) -> None:
        huge = item(2, title="Huge", body="x" * 17_000_000)
        found = read(tmp_path, export(item(1), huge, item(3)))
        assert [type(one) for one in found] == [SourcePost, Skip, SourcePost]
        assert isinstance(found[1], Skip)
        assert (found[1].note.item, found[1].note.why) == ("Huge", Reason.TOO_BIG)

    def test_a_hostile_end_refuses_the_whole_file_before_anything_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "export.xml"
        path.write_text(export(item(1), "<x>" * 100))
        with pytest.raises(Refused):
            wordpress.survey(path)

    def test_a_zip_that_claims_to_be_endless_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("myapp.blog.importing.wordpress._source.MAX_UNPACKED", 10_000)
        path = tmp_path / "site.zip"
        with ZipFile(path, "w") as archive:
            archive.writestr("a.xml", export(item(body="x" * 20_000)))
        with pytest.raises(Refused) as caught:
            wordpress.survey(path)
        assert caught.value.why == Reason.TOO_BIG


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
