"""How WordPress's content becomes HTML: paragraphs, blocks, shortcodes, and never in more than linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.blog import BodyFormat, markup
from myapp.blog.importing.wordpress._html import to_html
from myapp.blog.importing.wordpress._paragraphs import paragraphs
from myapp.blog.importing.wordpress._shortcodes import Attachment, Media, expand

MEDIA = Media(
    {
        "1": Attachment("https://e.example/x.jpg", "X"),
        "2": Attachment("https://e.example/y.pdf", "Y", "application/pdf"),
    },
    ("1",),
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nThree", "<p>One<br>\ntwo</p>\n<p>Three</p>"),
        ("One\n \t\n\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("", ""),
        ("  \n\n ", ""),
        ("Hello\n\n<ul>\n<li>a</li>\n</ul>\nBye", "<p>Hello</p>\n<ul>\n<li>a</li>\n</ul>\n<p>Bye</p>"),
        ("<p>One</p>\n\n<p>Two\nlines</p>", "<p>One</p>\n<p>Two<br>\nlines</p>"),
        ("<h2>Head</h2>\nText", "<h2>Head</h2>\n<p>Text</p>"),
        ("<blockquote>One\n\nTwo</blockquote>", "<blockquote><p>One</p>\n<p>Two</p>\n</blockquote>"),
        ("<div>one\ntwo</div>", "<div>one<br>\ntwo</div>"),
        ("<pre>a\n\n  b</pre>\n\nText", "<pre>a\n\n  b</pre>\n<p>Text</p>"),
        ("<script>a\n\nb</script>", "<script>a\n\nb</script>"),
        ("One <br />\ntwo", "<p>One <br>\ntwo</p>"),
        ("<ul><li>a<li>b</ul>\n\nAfter\n\nend", "<ul><li>a<li>b</ul>\n<p>After</p>\n<p>end</p>"),
        ("<table>\n<tr><td>x</td></tr></table>", "<table>\n<tr><td>x</td></tr></table>"),
        ("a < b\n\nc > d", "<p>a < b</p>\n<p>c > d</p>"),
        ("https://e.example/v", '<p><a href="https://e.example/v">https://e.example/v</a></p>'),
        ("<em>a\n\nb</em>", "<p><em>a</p>\n<p>b</em></p>"),
    ],
)
def test_blank_lines_make_paragraphs_outside_of_blocks(text: str, html: str) -> None:
    assert paragraphs(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            '[caption id="a" width="9"]<a href="q"><img src="x"></a> A <em>cat</em>[/caption]',
            '<figure><a href="q"><img src="x"></a><figcaption>A <em>cat</em></figcaption></figure>',
        ),
        (
            '[caption caption="Old"]<img src="x">[/caption]',
            '<figure><img src="x"><figcaption>Old</figcaption></figure>',
        ),
        ("[caption]<img src=x> never closed", "<img src=x> never closed"),
        (
            '[gallery ids="1, 2,99"]',
            '<figure><img src="https://e.example/x.jpg" alt="X"></figure>\n<p><a href="https://e.example/y.pdf">Y</a></p>',
        ),
        ("[gallery]", '<figure><img src="https://e.example/x.jpg" alt="X"></figure>'),
        ('[gallery exclude="1"]', ""),
        ('[[gallery ids="1"]]', '[gallery ids="1"]'),
        ("[youtube https://y.example/?v=1]", '<p><a href="https://y.example/?v=1">https://y.example/?v=1</a></p>'),
        ("[youtube=https://y.example/?v=1]", '<p><a href="https://y.example/?v=1">https://y.example/?v=1</a></p>'),
        (
            "[embed]https://e.example/?a&b[/embed]",
            '<p><a href="https://e.example/?a&amp;b">https://e.example/?a&amp;b</a></p>',
        ),
        (
            '[video mp4="//e.example/v.mp4"][/video]',
            '<p><a href="https://e.example/v.mp4">https://e.example/v.mp4</a></p>',
        ),
        ('[embed src="javascript:alert(1)"]', ""),
        ('[code lang="php"]\n<?php "x";\n\n?>[/code]', '<pre><code>&lt;?php "x";\n\n?&gt;</code></pre>'),
        ("[code]&lt;b&gt;[/code]", "<pre><code>&lt;b&gt;</code></pre>"),
        ("so [sic] it [1] was [citation needed]", "so [sic] it [1] was [citation needed]"),
    ],
)
def test_known_shortcodes_become_html(text: str, html: str) -> None:
    found = expand(text, MEDIA)
    assert (found.html, found.left) == (html, [])


def test_unknown_shortcodes_stay_as_text_and_are_named() -> None:
    text = '[contact-form-7 id="3"] [contact-form-7 id="4"] [map zoom=1]here[/map]'
    found = expand(text, MEDIA)
    assert (found.html, found.left) == (text, ["contact-form-7", "map"])


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->", "<p>One</p>"),
        (
            '<!-- wp:list {"a":{"b":1}} -->\n<ul><!-- wp:list-item -->\n<li>x</li>\n<!-- /wp:list-item --></ul>\n'
            "<!-- /wp:list -->",
            "<ul>\n<li>x</li>\n</ul>",
        ),
        ("<!-- wp:separator /-->\n\nClassic\n\ntext", "<p>Classic</p>\n<p>text</p>"),
        (
            "<!-- wp:code -->\n<pre><code>a\n\n\nb</code></pre>\n<!-- /wp:code -->",
            "<pre><code>a\n\n\nb</code></pre>",
        ),
        ("a<!-- a remark -->b", "<p>ab</p>"),
        ("a <!-- never closed", "<p>a  never closed</p>"),
        ("a<!--nextpage-->b", "<p>a</p>\n<hr>\n<p>b</p>"),
        (
            '<iframe width="1" src="//v.example/e/1" allowfullscreen></iframe>',
            '<p><a href="https://v.example/e/1">https://v.example/e/1</a></p>',
        ),
    ],
)
def test_blocks_and_comments_leave_nothing_but_html(content: str, html: str) -> None:
    assert to_html(content, MEDIA).html == html


def test_an_embed_block_becomes_a_link() -> None:
    inner = '<div class="wp-block-embed__wrapper">\nhttps://v.example/1\n</div>'
    html = to_html(f"<!-- wp:embed -->\n<figure>{inner}</figure>\n<!-- /wp:embed -->", MEDIA).html
    assert '<a href="https://v.example/1">https://v.example/1</a>' in html


def test_what_stands_above_the_more_mark_is_the_teaser() -> None:
    found = to_html("Above\n<!--more Read on-->\nBelow", MEDIA)
    assert (found.teaser, found.html) == ("<p>Above</p>", "<p>Above</p>\n<p>Below</p>")


@given(st.text(alphabet="ab>/[]!-\n =\"'", max_size=200))
def test_no_word_is_lost_whatever_stands_around_it(text: str) -> None:
    shown = markup.render(to_html(f"first\n\n{text}\n\nlast", Media()).html, BodyFormat.HTML).text
    assert [char for char in shown if char in "ab"] == [char for char in f"first{text}last" if char in "ab"]


@given(
    st.lists(st.sampled_from(["a", "<p>", "</p>", "<ul>", "<li>", "</ul>", "<pre>", "</pre>", "<!--", "-->", "\n\n"]))
)
def test_what_comes_out_needs_no_mending_twice(pieces: list[str]) -> None:
    safe = markup.sanitise_html(to_html("".join(pieces), Media()).html)
    assert markup.sanitise_html(safe) == safe


PIECES = [
    "[", "[caption]", "[caption]x[/caption]", "[gallery]", "[video]", "[video][/video]", "[/caption]", "[code", "[a b",
    "<!--", "<!-- wp:x -->", "<!-- wp:x {", "<!-- wp:x { }", "-->", "<iframe ", "<iframe src=//a", "<iframe src=",
    "<div>", "</div>", "</p>", "<", "<a ", "\n", "\nx", "\n ", "<pre>", "<br ", " ", "<li>x", "<b></",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece)) + "x"
        start = time.process_time()
        to_html(text, MEDIA)
        return time.process_time() - start

    seconds(1000)
    assert seconds(150_000) < 1.5  # what grows with the square takes a minute
