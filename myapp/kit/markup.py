"""From what people write to HTML that is safe to show: the cleaning that every room's texts pass through.

Whatever comes in, what goes out has passed one allow-list (nh3, that is ammonia on an HTML5 parser) as the last step
that looks at tags, so nothing written is trusted: not Markdown's output, not an author. A room with longer texts brings
a cleaner of its own to `settled`; short words of people (comments, messages) are `render_note`'s: a little Markdown,
without headings and images. What always holds of the result: no script, style sheet, form, frame, event handler or
`id`; links that leave the site say `rel="nofollow noopener ugc"`.

    >>> render_note("<b>shown</b> as *written*")
    '<p>&lt;b&gt;shown&lt;/b&gt; as <em>written</em></p>\\n'
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Callable

import nh3
from markdown_it import MarkdownIt

LINK_REL = "nofollow noopener ugc"
MAX_DEPTH = 500
"""Elements within elements. The parser's time grows with the square of it: 17 s for 100,000."""

_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")
NO_CONTENT = {"script", "style", "textarea", "title", "template", "noscript", "iframe", "object", "xmp"}


def attribute_filter(tag: str, attribute: str, value: str) -> str | None:
    """Of classes only the language of a code block stays; sizes are plain numbers."""
    if attribute == "class":
        return next((name for name in value.split() if _LANGUAGE.fullmatch(name)), None) if tag == "code" else None
    if attribute in {"width", "height", "colspan", "rowspan", "start"} and not re.fullmatch(r"-?\d{1,5}", value):
        return None
    return value


_note_cleaner = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "s", "strong", "ul"},
    clean_content_tags=NO_CONTENT,
    attributes={"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}},
    attribute_filter=attribute_filter,
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)
_note_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
_note_markdown.enable("strikethrough").disable(["heading", "lheading", "hr", "image"])

# The cleaner's output is canonical: `<`, `>` and `"` inside an attribute are entities, so this matches real tags only.
_LOCAL_LINK = re.compile(rf'(<a href="(?:#|\.|\?|/(?![/\\]))[^">]*"[^>]*) rel="{LINK_REL}"')
# For the same reason `<` begins a tag here and nothing else, and an address ends before any of the others.
_PART = re.compile(r"<(?:(?P<verbatim>code|a)\b[^>]*>.*?</(?P=verbatim)|[^>]*)>", re.DOTALL)
_ADDRESS = re.compile(r"""\bhttps?://[\w\[](?:(?!&(?:lt|gt|quot|#\d+);)[^\s<>"])+""")
_AFTER = ".,:!?'*_~"  # what ends a sentence, no address
_PASSES = 5
_PRE_LINE = re.compile(r"<pre(?: [^>]*)?>\n")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_NOT_NESTING = frozenset(
    ["area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "source", "td", "th"]
) | {"tr", "wbr"}


def render_note(body: str) -> str:
    """Short words of a person as safe HTML: a little Markdown, line breaks as typed, tags shown as text.

    >>> render_note("It is at https://example.org/a_b.")
    '<p>It is at <a href="https://example.org/a_b" rel="nofollow noopener ugc">https://example.org/a_b</a>.</p>\\n'
    """
    return local_links(in_words(settled(_note_cleaner, _note_markdown.render(body)), _linked))


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


def sanitise_note(html: str) -> str:
    """HTML of short words from elsewhere, reduced to what `render_note` would leave of them."""
    return local_links(settled(_note_cleaner, html))


def settled(cleaner: nh3.Cleaner, html: str) -> str:
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


def in_words(html: str, change: Callable[[str], str]) -> str:
    """Safe HTML with `change` made to what is between its tags, but not within links and code."""
    changed, at = list[str](), 0
    for part in _PART.finditer(html):
        changed += [change(html[at : part.start()]), part[0]]
        at = part.end()
    return "".join([*changed, change(html[at:])])


def _linked(words: str) -> str:
    return _ADDRESS.sub(_link, words)


def _link(found: re.Match[str]) -> str:
    address = found[0].rstrip(_AFTER)
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1].rstrip(_AFTER)
    return f'<a href="{address}" rel="{LINK_REL}">{address}</a>{found[0][len(address) :]}'


def local_links(html: str) -> str:
    """Links within the site do not say that they leave it."""
    return _LOCAL_LINK.sub(r"\1", html)
