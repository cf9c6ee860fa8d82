"""From what people write to HTML that is safe to show: the Markdown of posts, the HTML of imports.

It is cleaned as `myapp.kit.markup` does it, with an allow-list as long as a post needs. What always holds of the
result, besides what holds there: links lead to the web, to mail or to a place on this site; headings begin at h2, as
the page's h1 is the title, and no level is skipped; every image has an `alt`.

    >>> render("# Hello\\n\\n[a link](https://example.com) <script>alert(1)</script>").html
    '<h2>Hello</h2>\\n<p><a href="https://example.com" rel="nofollow noopener ugc">a link</a> </p>\\n'
    >>> render("# Hello\\n\\nThe *quick* fox").text
    'Hello\\x0cThe quick fox'
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt

from myapp.blog.schemas import BodyFormat
from myapp.kit.markup import LINK_REL, NO_CONTENT, attribute_filter, local_links, settled

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "br",
        "cite",
        "code",
        "del",
        "em",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
        "wbr",
    ]
)
_BLOCKS = frozenset(
    [
        "blockquote",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "summary",
        "ul",
    ]
)
_TABLES = frozenset(["caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"])

_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "blockquote": {"cite"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "scope", "style"},
}

_cleaner = nh3.Cleaner(
    tags=_INLINE | _BLOCKS | _TABLES,
    clean_content_tags=NO_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=attribute_filter,
    filter_style_properties={"text-align"},
    set_tag_attribute_values={"img": {"loading": "lazy"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=LINK_REL,
)
_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

# The cleaner's output is canonical: `<`, `>` and `"` inside an attribute are entities, so these match real tags only.
_HEADING = re.compile(r"<(/?)h([1-6])(?=[ >])")
_IMAGE_WITHOUT_ALT = re.compile(r"<img (?![^>]*\balt=)")
APART = "\f"
_NO_PROSE = re.compile(r"</?(?:h[1-6]|pre|table|figure)(?: [^<>]*)?>")
_ANY_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(
    r"<(?:/(?:p|h[1-6]|li|div|d[dt]|t[dhr]|pre|blockquote|fig\w+|caption|summary)|[bh]r|[uod]l(?: [^<>]*)?)>"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body ready to be stored: `html` to show, `text` to search and to cut excerpts from.

    In the text, what is no running prose (headings, code, tables) stands between form feeds, as excerpts leave it out.
    """

    html: str
    text: str


def render(body: str, body_format: BodyFormat = BodyFormat.MARKDOWN) -> Rendered:
    """The body as safe HTML and as plain text."""
    html = sanitise_html(_markdown.render(body) if body_format == BodyFormat.MARKDOWN else body)
    return Rendered(html, APART.join(filter(None, map(_words, _NO_PROSE.split(html)))))


def sanitise_html(html: str) -> str:
    """HTML from anywhere, reduced to what this module's docstring promises."""
    return _IMAGE_WITHOUT_ALT.sub('<img alt="" ', local_links(_level_headings(settled(_cleaner, html))))


def plain_text(html: str) -> str:
    """The words of some HTML on one line, for search and excerpts."""
    return _words(_cleaner.clean(html))


def _words(clean: str) -> str:
    """The words of what the cleaner has written, where `<` and `>` are nowhere but around tags."""
    spaced = _BREAK.sub(" ", clean)
    return " ".join(entities.unescape(_ANY_TAG.sub("", spaced)).split())


def _level_headings(html: str) -> str:
    """Put headings below the page's h1, each at most one level under the heading it belongs to."""
    above: list[int] = []
    shown: list[int] = []

    def place(tag: re.Match[str]) -> str:
        if tag[1]:
            return f"</h{shown.pop() if shown else 2}"
        level = int(tag[2])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        shown.append(min(len(above) + 1, 6))
        return f"<h{shown[-1]}"

    return _HEADING.sub(place, html)
