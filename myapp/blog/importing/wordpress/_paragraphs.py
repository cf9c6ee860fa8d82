"""Paragraphs from blank lines, as WordPress shows a classic post.

A walk over the tags, once: text between block elements becomes paragraphs and line breaks, `pre`, scripts and the like
stay as they are. Tags that are not balanced are left to the sanitiser, whose parser mends them as a browser would.

>>> paragraphs("Hello\\n\\n<ul>\\n<li>a</li>\\n</ul>\\nBye")
'<p>Hello</p>\\n<ul>\\n<li>a</li>\\n</ul>\\n<p>Bye</p>'
"""

from __future__ import annotations

import re
from collections import Counter

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_BLANK_LINE = re.compile(r"\n[ \t\f\v\xa0]*(?:\n[ \t\f\v\xa0]*)+")
_BREAK = re.compile(r"(?:<br\s*/?>)?(?<![ \t])[ \t]*\n")
_LONE_URL = re.compile(r"https?://[^\s<>\"']+")

_VERBATIM = frozenset({"math", "pre", "script", "style", "svg", "textarea"})
_TEXT = frozenset(
    {"address", "caption", "dd", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "legend", "li", "p", "summary"}
) | {"td", "th"}
_PARAGRAPHS_ALWAYS = frozenset({"", "blockquote"})  # "" is outside of everything
_PARAGRAPHS_AT_BLANK_LINES = frozenset(
    {"article", "aside", "center", "dd", "details", "div", "fieldset", "footer", "form", "header", "li", "main", "nav"}
) | {"section", "td", "th"}
_BARE = frozenset(
    {"audio", "colgroup", "dl", "figure", "hr", "iframe", "menu", "object", "ol", "table", "tbody", "tfoot", "thead"}
) | {"tr", "ul", "video"}
_BLOCKS = _VERBATIM | _TEXT | _PARAGRAPHS_ALWAYS | _PARAGRAPHS_AT_BLANK_LINES | _BARE
_CLOSES_ITSELF = {  # an opening tag that ends an open one, as in HTML
    "dd": {"dd", "dt"},
    "dt": {"dd", "dt"},
    "li": {"li"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
}


def paragraphs(text: str) -> str:
    """The text with its paragraphs marked up; blocks in it stay blocks."""
    return _Walk(text).result()


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._run: list[str] = []  # inline text and tags since the last block tag
        self._open: list[str] = []
        self._how_many_open: Counter[str] = Counter()
        self._never_closed: set[str] = set()

    def result(self) -> str:
        position = 0
        for tag in _TAG.finditer(self._text):
            if tag.start() >= position:  # else it is inside of what was taken as it is
                self._run.append(self._text[position : tag.start()])
                position = self._take(tag)
        self._run.append(self._text[position:])
        self._flush()
        return "".join(self._out).strip()

    def _take(self, tag: re.Match[str]) -> int:
        """Where the walk goes on."""
        closes, name = bool(tag.group(1)), tag.group(2).lower()
        if name not in _BLOCKS:
            self._run.append(tag.group())
            return tag.end()
        self._flush()
        end = self._end_of(name, tag.end()) if name in _VERBATIM and not closes else tag.end()
        self._out.append(self._text[tag.start() : end])
        if name not in _VERBATIM and name != "hr":
            self._nest(name, closes=closes)
        return end

    def _end_of(self, name: str, start: int) -> int:
        """After the closing tag, or after the opening one when there is none (and none is looked for again)."""
        closing = (
            None
            if name in self._never_closed
            else re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self._text, start)
        )
        if closing is None:
            self._never_closed.add(name)
            return start
        return closing.end()

    def _nest(self, name: str, *, closes: bool) -> None:
        if closes:
            self._close(name)
            return
        self._close("p")
        while self._open and self._open[-1] in _CLOSES_ITSELF.get(name, ()):
            self._close(self._open[-1])
        self._open.append(name)
        self._how_many_open[name] += 1

    def _close(self, name: str) -> None:
        while self._how_many_open[name] and self._open:
            last = self._open.pop()
            self._how_many_open[last] -= 1
            if last == name:
                return

    def _flush(self) -> None:
        run, self._run = "".join(self._run), []
        text = run.strip()
        if not text:
            self._out.append("\n" if "\n" in run else run)
            return
        container = self._open[-1] if self._open else ""
        split = container in _PARAGRAPHS_AT_BLANK_LINES and _BLANK_LINE.search(text)
        if split or container in _PARAGRAPHS_ALWAYS:
            self._out.append("\n" if run[0] == "\n" else "")
            self._out.extend(f"<p>{_with_breaks(part)}</p>\n" for part in _BLANK_LINE.split(text))
        elif container in _TEXT or container in _PARAGRAPHS_AT_BLANK_LINES:
            self._out.append(_with_breaks(run))
        else:
            self._out.append(run)


def _with_breaks(text: str) -> str:
    """Lines of a paragraph, with a link for a line that is nothing but an address, as an embed was."""
    if _LONE_URL.fullmatch(text):
        return f'<a href="{text}">{text}</a>'
    text = text.strip("\n")
    return _BREAK.sub("<br>\n", text) if "\n" in text else text
