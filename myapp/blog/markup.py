"""From what people write to HTML that is safe to show: Markdown, HTML of imports, comments.

Whatever comes in, what goes out has passed one allow-list (nh3, that is ammonia on an HTML5 parser) as the last step
that looks at tags, so nothing written here is trusted: not Markdown's output, not an author. What always holds of the
result: no script, style sheet, form, frame, event handler or `id`; links lead to the web, to mail or to a place on
this site; links that leave the site say `rel="nofollow noopener ugc"`; headings begin at h2, as the page's h1 is the
title, and no level is skipped; every image has an `alt`.

    >>> render("# Hello\\n\\n[a link](https://example.com) <script>alert(1)</script>").html
    '<h2>Hello</h2>\\n<p><a href="https://example.com" rel="nofollow noopener ugc">a link</a> </p>\\n'
    >>> render("# Hello\\n\\nThe *quick* fox").text
    'Hello The quick fox'
    >>> render_comment("<b>shown</b> as written")
    '<p>&lt;b&gt;shown&lt;/b&gt; as written</p>\\n'
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt

from myapp.blog.schemas import BodyFormat

LINK_REL = "nofollow noopener ugc"
MAX_DEPTH = 500
"""Elements within elements. The parser's time grows with the square of it: 17 s for 100,000."""

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
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")
_NO_CONTENT = {"script", "style", "textarea", "title", "template", "noscript", "iframe", "object", "xmp"}


def _filter(tag: str, attribute: str, value: str) -> str | None:
    """Of classes only the language of a code block stays; sizes are plain numbers."""
    if attribute == "class":
        return next((name for name in value.split() if _LANGUAGE.fullmatch(name)), None) if tag == "code" else None
    if attribute in {"width", "height", "colspan", "rowspan", "start"} and not re.fullmatch(r"-?\d{1,5}", value):
        return None
    return value


_cleaner = nh3.Cleaner(
    tags=_INLINE | _BLOCKS | _TABLES,
    clean_content_tags=_NO_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    filter_style_properties={"text-align"},
    set_tag_attribute_values={"img": {"loading": "lazy"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=LINK_REL,
)
_comment_cleaner = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "s", "strong", "ul"},
    clean_content_tags=_NO_CONTENT,
    attributes={"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}},
    attribute_filter=_filter,
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)
_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_comment_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
_comment_markdown.enable("strikethrough").disable(["heading", "lheading", "hr", "image"])

# The cleaner's output is canonical: `<`, `>` and `"` inside an attribute are entities, so these match real tags only.
_HEADING = re.compile(r"<(/?)h([1-6])(?=[ >])")
_LOCAL_LINK = re.compile(rf'(<a href="(?:#|\.|\?|/(?![/\\]))[^">]*"[^>]*) rel="{LINK_REL}"')
_IMAGE_WITHOUT_ALT = re.compile(r"<img (?![^>]*\balt=)")
_PASSES = 5
_PRE_LINE = re.compile(r"<pre(?: [^>]*)?>\n")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_NOT_NESTING = frozenset(
    ["area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "source", "td", "th"]
) | {"tr", "wbr"}
_ANY_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(
    r"<(?:/(?:p|h[1-6]|li|div|d[dt]|t[dhr]|pre|blockquote|fig\w+|caption|summary)|[bh]r|[uod]l(?: [^<>]*)?)>"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body ready to be stored: `html` to show, `text` to search and to cut excerpts from."""

    html: str
    text: str


def render(body: str, body_format: BodyFormat = BodyFormat.MARKDOWN) -> Rendered:
    """The body as safe HTML and as plain text."""
    html = sanitise_html(_markdown.render(body) if body_format == BodyFormat.MARKDOWN else body)
    return Rendered(html, _words(html))


def render_comment(body: str) -> str:
    """A comment as safe HTML: a little Markdown, line breaks as typed, tags shown as text."""
    return _local(_settled(_comment_cleaner, _comment_markdown.render(body)))


def is_too_deep(html: str) -> bool:
    """Whether its elements are nested deeper than anybody writes and the parser can bear.

    >>> is_too_deep("<p>" * 1000), is_too_deep("<div>" * 1000), is_too_deep("<div></span>" * 1000)
    (False, True, True)
    """
    if html.count("<") <= MAX_DEPTH:
        return False
    still_open: Counter[str] = Counter()
    depth = 0
    for closes, name in _TAG.findall(html):
        tag = name.lower()
        if tag in _NOT_NESTING or (closes and not still_open[tag]):
            continue
        step = -1 if closes else 1
        still_open[tag] += step
        depth += step
        if depth > MAX_DEPTH:
            return True
    return False


def sanitise_comment_html(html: str) -> str:
    """The HTML of an imported comment, reduced to what a comment written here may have."""
    return _local(_settled(_comment_cleaner, html))


def sanitise_html(html: str) -> str:
    """HTML from anywhere, reduced to what this module's docstring promises."""
    return _IMAGE_WITHOUT_ALT.sub('<img alt="" ', _local(_level_headings(_settled(_cleaner, html))))


def _settled(cleaner: nh3.Cleaner, html: str) -> str:
    """What the cleaner leaves, when cleaning it again leaves the same: then no parser sees anything else in it.

    Where that never comes, as with a `<p>` that moves at each parse, or where a parser would despair of the depth, the
    text is shown as it was typed.
    """
    if not is_too_deep(html):
        for _ in range(_PASSES):
            # A parser drops the first line break in a <pre>: without this, one more each time.
            clean = _PRE_LINE.sub("\\g<0>\n", cleaner.clean(html))
            if clean == html:
                return clean
            html = clean
    return cleaner.clean(entities.escape(html))


def _local(html: str) -> str:
    """Links within the site do not say that they leave it."""
    return _LOCAL_LINK.sub(r"\1", html)


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
