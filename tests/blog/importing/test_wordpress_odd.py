"""What the reader of WordPress exports makes of odd, broken and hostile files."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from myapp.blog.importing import wordpress
from myapp.blog.importing.items import Item, Skip, SourcePost
from myapp.blog.importing.prepare import MAX_SOURCE, prepare
from myapp.blog.importing.report import Reason, Refused, Summary
from myapp.kit.clock import now
from tests.blog.importing.wordpress_files import post, read, refusal, warnings
from tests.factories.wordpress import TAIL, author, export, item


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

    @pytest.mark.parametrize("encoding", ["UTF-16", "utf-16le", "UTF-32", "UCS-2"])
    def test_a_file_that_was_converted_and_still_says_it_is_wide_is_read(self, tmp_path: Path, encoding: str) -> None:
        (found,) = read(tmp_path, export(item(title="Caf\xe9"), encoding=encoding))
        assert isinstance(found, SourcePost)
        assert found.title == "Caf\xe9"

    @pytest.mark.parametrize("encoding", ["zip", "hex", "martian", "rot13", "punycode", "idna", "unicode_escape"])
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
    @pytest.mark.parametrize(("place", "why"), [(16, "Bad CRC"), (10, "not supported"), (8, "encryption")])
    def test_a_zip_that_can_not_be_unpacked_is_refused_with_the_reason(
        self, tmp_path: Path, place: int, why: str
    ) -> None:
        path = tmp_path / "site.zip"
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.writestr("a.xml", export(item()))
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + place] ^= 0x41
        path.write_bytes(data)
        with pytest.raises(Refused) as caught:
            wordpress.survey(path)
        assert caught.value.why == Reason.UNREADABLE
        assert why in caught.value.detail

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

    def test_galleries_in_galleries_do_not_grow_without_bound(self, tmp_path: Path) -> None:
        url = "<wp:attachment_url>https://blog.example/{}.jpg</wp:attachment_url>"
        pictures = (item(key, kind="attachment", parent=1, extra=url.format(key)) for key in range(2, 1002))
        found = post(tmp_path, item(1, body="[gallery]" * 100_000), *pictures)
        assert MAX_SOURCE < len(found.body) < 10_000_000
        assert isinstance(refused := prepare(found, now()), Skip)
        assert refused.note.why == Reason.TOO_BIG

    def test_as_many_taxonomies_as_there_are_labels_take_no_longer(self, tmp_path: Path) -> None:
        found = post(tmp_path, item(categories=[(f"domain-{number}", "x", "X") for number in range(30_000)]))
        assert len(found.meta["taxonomies"]) == 30_000

    def test_types_without_end_do_not_fill_the_report(self, tmp_path: Path) -> None:
        summary = Summary()
        for found in read(tmp_path, export(*(item(key, kind=f"type-{key}" + "x" * 999) for key in range(500)))):
            assert isinstance(found, Skip)
            summary.skip(found.note)
        assert summary.counts["skipped"] == summary.reasons.total() == 500
        assert len(json.dumps(summary.as_json())) < 100_000

    def test_what_is_kept_of_every_item_is_short(self, tmp_path: Path) -> None:
        long = "x" * 100_000
        url = f"<wp:attachment_url>https://blog.example/{long}</wp:attachment_url>"
        path = tmp_path / "export.xml"
        parts = [
            author(long), author("ada", email=long, name=long), item(1, meta=[("_thumbnail_id", long)]),
            item(2, kind="attachment", title=long, excerpt=long, parent=1, extra=url.replace(long, "a.jpg")),
            item(3, kind="attachment", parent=1, extra=url),
        ]  # fmt: skip
        path.write_text(export(*parts))
        about = wordpress.survey(path)
        assert list(about.authors) == ["ada"]
        assert list(about.attachments) == ["2"]
        assert len(repr(about)) < 5_000

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
