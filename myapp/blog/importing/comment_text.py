"""A sanitised comment's HTML as the text its author would have typed here, for the day somebody edits it.

>>> as_markdown('<p>See <a href="https://example.org/" rel="nofollow">this</a>,<br>\\n<em>please</em></p>\\n<p>Bye</p>')
'See [this](https://example.org/),\\n*please*\\n\\nBye'
"""

from __future__ import annotations

import re
from html import unescape

_LINK = re.compile(r'<a href="([^"]*)"[^>]*>([^<]*)</a>')
_MARKS = {
    "<strong>": "**", "</strong>": "**", "<em>": "*", "</em>": "*", "<del>": "~~", "</del>": "~~",
    "<s>": "~~", "</s>": "~~", "<code>": "`", "</code>": "`", "<li>": "- ", "</p>": "\n\n",
}  # fmt: skip
_MARK = re.compile("|".join(_MARKS))
_BREAK = re.compile(r"<br>\n?")
_QUOTE = re.compile(r"<blockquote>(.*?)</blockquote>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_GAP = re.compile(r"\n{3,}")


def as_markdown(html: str) -> str:
    """The comment's words with the little Markdown comments have."""
    text = html
    if "<a" in text:
        text = _LINK.sub(r"[\2](\1)", text)
    if "<blockquote>" in text:
        text = _QUOTE.sub(_quoted, text)
    text = _TAG.sub("", _MARK.sub(lambda mark: _MARKS[mark.group()], _BREAK.sub("\n", text)))
    return _GAP.sub("\n\n", unescape(text)).strip()


def _quoted(found: re.Match[str]) -> str:
    inner = _TAG.sub("", _BREAK.sub("\n", found.group(1).replace("</p>", "\n"))).strip()
    return "\n\n" + "\n".join(f"> {line}" for line in inner.splitlines()) + "\n\n"
