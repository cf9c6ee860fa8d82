"""What people write comes out as HTML that is safe to show and keeps its meaning."""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from time import thread_time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.blog.markup import plain_text, render, sanitise_html
from myapp.blog.schemas import BodyFormat
from myapp.kit.markup import render_note, sanitise_note

# From OWASP's filter evasion sheet, PortSwigger's list, DOMPurify's and ammonia's regression tests, and our own.
ATTACKS: list[str] = json.loads(Path(__file__).with_name("attacks.json").read_text(encoding="utf-8"))
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "div",
    "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "alt", "cite", "class", "colspan", "dir", "height", "href", "lang", "loading", "rel", "reversed", "rowspan",
    "scope", "src", "start", "style", "title", "width",
}  # fmt: skip
SCHEMES = {"", "http", "https", "mailto", "tel"}
SOUP = st.sampled_from("<>/=\"' `!-[]()&;:#*_~|\n\tsvgmathcriptonestylex\u202e\x00")
PIECES = ["http://", "http://a)", "[", "![", "> ", "<", "`a", "**a", "[a](", "a|b\n-|-\n", "<div>", "\n> -\n", "- [ "]


class Judge(HTMLParser):
    """Reads HTML as a browser's parser would, near enough, and notes every promise that is broken."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.broken: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.broken.append(f"<{tag}>")
        for name, value in attrs:
            self._judge(tag, name, value or "")

    handle_startendtag = handle_starttag

    def _judge(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES:
            self.broken.append(f"{tag} {name}={value}")
        if name in {"href", "src", "cite"} and urlsplit(value.strip()).scheme not in SCHEMES:
            self.broken.append(f"{tag} {name}={value}")
        if name == "style" and not re.fullmatch(r"text-align:\s*(left|right|center);?", value):
            self.broken.append(f"{tag} style={value}")
        if name == "class" and not re.fullmatch(r"language-[\w+#.-]+", value):
            self.broken.append(f"{tag} class={value}")

    def handle_comment(self, data: str) -> None:
        self.broken.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.broken.append(f"<!{decl}")

    def handle_pi(self, data: str) -> None:
        self.broken.append(f"<?{data}")


def broken_promises(html: str) -> list[str]:
    judge = Judge()
    judge.feed(html)
    judge.close()
    return judge.broken


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through(attack: str) -> None:
    for html in (render(attack).html, render(attack, BodyFormat.HTML).html, render_note(attack)):
        assert broken_promises(html) == []
        assert sanitise_html(html) == html, "what is safe stays as it is, so no parser reads it differently"


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("see https://example.org/a_b?x=1&y=2.", ["https://example.org/a_b?x=1&y=2"]),
        ("(https://example.org/(b)) and (http://a.example)", ["https://example.org/(b)", "http://a.example"]),
        ("`https://code.example` [x](https://a.example/*) https://ü.example/ä", ["https://a.example/*", "https://ü.example/ä"]),
        ('"https://a.example"<https://b.example>', ["https://a.example", "https://b.example"]),
        ("ftp://a.example javascript://a.example //a.example a.example https:// xhttps://a.example", []),
    ],
)  # fmt: skip
def test_addresses_in_short_words_are_links(words: str, links: list[str]) -> None:
    html = render_note(words)
    assert [unescape(link) for link in re.findall('href="([^"]*)"', html)] == links
    assert broken_promises(html) == []
    assert sanitise_note(html) == html


@given(st.text(alphabet=SOUP, max_size=80))
def test_no_soup_of_markup_gets_through(soup: str) -> None:
    for html in (render(soup).html, render(soup, BodyFormat.HTML).html, render_note(soup)):
        assert broken_promises(html) == []


def test_the_judge_sees_what_it_should() -> None:
    assert len(broken_promises("<script>x</script><a href=javascript:x onclick=y>z</a><p style=color:red>")) == 4


def test_everything_markdown_has_is_shown() -> None:
    body = (
        "# One\n\nTwo **bold** *italic* ~~gone~~ `code`  \nbreak\n\n1. a\n2. b\n\n- c\n\n> quote\n\n---\n\n"
        '| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```python\nx = 1\n```\n\n![alt](/img.png "t")'
    )
    html = render(body).html
    for part in (
        "<h2>One</h2>", "<strong>bold</strong>", "<em>italic</em>", "<s>gone</s>", "<code>code</code>", "<br>",
        "<ol>", "<ul>", "<blockquote>", "<hr>", '<th style="text-align:right">b</th>', 'class="language-python"',
        '<img src="/img.png" alt="alt" title="t" loading="lazy">',
    ):  # fmt: skip
        assert part in html


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        ("1 2 3", "2 3 4"),
        ("3 3 2", "2 2 2"),
        ("1 3 2 3 1", "2 3 3 4 2"),
        ("6", "2"),
        ("1 2 3 4 5 6", "2 3 4 5 6 6"),
        ("2 4 4 1", "2 3 3 2"),
    ],
)
def test_headings_begin_below_the_pages_h1_and_skip_no_level(levels: str, shown: str) -> None:
    body = "\n\n".join("#" * int(level) + " x" for level in levels.split())
    assert " ".join(re.findall(r"<h(\d)>", render(body).html)) == shown
    assert " ".join(re.findall(r"</h(\d)>", render(body).html)) == shown


@pytest.mark.parametrize(
    ("href", "leaves"),
    [
        ("https://example.com", True),
        ("//example.com", True),
        ("mailto:a@example.com", True),
        ("/o/demo", False),
        ("#part", False),
        ("?page=2", False),
        ("./other", False),
    ],
)
def test_links_that_leave_the_site_say_so(href: str, leaves: bool) -> None:
    assert ('rel="nofollow noopener ugc"' in render(f"[x]({href})").html) == leaves


def test_an_image_without_words_for_it_has_empty_ones() -> None:
    assert sanitise_html("<img src=/a.png>") == '<img alt="" src="/a.png" loading="lazy">'


def test_a_comment_keeps_its_line_breaks_and_shows_tags_as_text() -> None:
    html = render_note("one\ntwo <b>three</b>\n\n# four ![five](/x.png)")
    assert html == '<p>one<br>\ntwo &lt;b&gt;three&lt;/b&gt;</p>\n<p># four !<a href="/x.png">five</a></p>\n'


def test_the_plain_text_has_words_apart_and_no_markup() -> None:
    html = render("# One\n\n- two\n- three & four\n\n| five | six |\n|--|--|\n| 7 | 8 |\n\n`<b>`").html
    assert plain_text(html) == "One two three & four five six 7 8 <b>"
    assert plain_text("<ul><li>one<ol start=2><li>two</ol></ul>") == "one two"


@pytest.mark.parametrize("piece", PIECES)
def test_no_repeated_piece_takes_long(piece: str) -> None:
    """A body is rendered at every pause in typing: what somebody types takes time in proportion to its length."""

    def seconds(length: int) -> float:
        start = thread_time()  # not the clock on the wall: other tests run beside this one
        render(piece * (length // len(piece)))
        render_note(piece * (length // len(piece)))
        return thread_time() - start

    seconds(100)
    taken = seconds(20_000)
    assert taken < 24 * seconds(2_500) + 0.1  # 8 times the length; were it squared, 64 times the time
    if sys.gettrace() is None:  # what measures coverage makes all of it several times as slow
        assert taken < 3
