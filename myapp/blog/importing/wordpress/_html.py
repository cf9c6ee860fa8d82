"""Turns what WordPress stores as a post's content into the HTML a reader of that site saw.

WordPress stores blank lines for paragraphs, comments for blocks and shortcodes for galleries, and makes HTML of them
when a page is asked for. This does the same for what core WordPress knows and leaves the rest readable; it makes
nothing safe: the room's sanitiser does that afterwards. Every step is linear in the length of the content, whatever the
content is.

>>> to_html("One\\ntwo\\n\\nThree", Media()).html
'<p>One<br>\\ntwo</p>\\n<p>Three</p>'
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from myapp.blog.importing.wordpress._paragraphs import paragraphs
from myapp.blog.importing.wordpress._shortcodes import Media, expand

_BLOCK = re.compile(r"<!--\s+(/?)wp:[a-z][a-z0-9_/-]*(?:\s+\{[^\n]*?\})?\s+(/?)-->")
_EMBED = re.compile(r'(<div class="wp-block-embed__wrapper">)\s*(https?://[^\s<>"]+)\s*(</div>)')
_FRAME = re.compile(r"<iframe\b([^<>]*)>(?:\s*</iframe\s*>)?", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?((?:https?:)?//[^\s<>"']+)""", re.IGNORECASE)
_NEXT_PAGE = "<!--nextpage-->"


@dataclass(slots=True)
class Converted:
    """The HTML, the teaser above a "more" mark, and the names of shortcodes that stay as text."""

    html: str
    teaser: str = ""
    left: list[str] = field(default_factory=list[str])


def to_html(content: str, media: Media) -> Converted:
    """The content as HTML, not yet sanitised; `media` is what galleries refer to."""
    text = content.replace("\r\n", "\n").replace("\r", "\n").replace(_NEXT_PAGE, "\n\n<hr>\n\n")
    above, more, _ = text.partition("<!--more")
    teaser = _shown(expand(above, media).html) if more else ""
    expanded = expand(text, media)
    return Converted(_shown(expanded.html), teaser, expanded.left)


def _shown(text: str) -> str:
    return _FRAME.sub(_linked_frame, _blocks(_without_comments(text)))


def _linked_frame(found: re.Match[str]) -> str:
    """An embedded page is not let in; a link to it says where it is."""
    source = _SOURCE.search(found.group(1))
    if source is None:
        return ""
    url = source.group(1)
    url = f"https:{url}" if url.startswith("//") else url
    return f'<p><a href="{url}">{url}</a></p>'


def _blocks(text: str) -> str:
    """Blocks are finished HTML between comments; what stands outside of any is a classic text."""
    if "<!-- wp:" not in text:
        return paragraphs(text)
    parts: list[str] = []
    depth = position = 0
    for mark in _BLOCK.finditer(text):
        parts.append(_part(text[position : mark.start()], inside=depth > 0))
        position = mark.end()
        closes, void = mark.groups()
        depth = max(0, depth - 1) if closes else depth + (not void)
    parts.append(_part(text[position:], inside=depth > 0))
    return _EMBED.sub(r'\1<a href="\2">\2</a>\3', "\n".join(filter(None, parts)))


def _part(text: str, *, inside: bool) -> str:
    return text.strip("\n") if inside else paragraphs(text)


def _without_comments(text: str) -> str:
    """HTML comments gone, the marks of blocks apart; one that never ends takes nothing with it."""
    parts: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        comment = text[start : end + 3]
        parts.append(text[position:start])
        parts.append(comment if _BLOCK.fullmatch(comment) else "")
        position = end + 3
    parts.append(text[position:].replace("<!--", ""))
    return "".join(parts)
