"""Which scripts, styles and addresses a page may use: its Content-Security-Policy (CSP level 3).

What always holds: a script that stands in a page runs by its hash alone, and a file only from our own origin, where
nothing that people upload is served as one; `eval` and handlers in attributes never run. Each page names the hashes of
its own scripts, which are read from the built files; what is no page may do nothing at all.

Styles are free: React sets them on elements, and what they could do without scripts and foreign addresses is little.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path

INERT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no pages: should a browser ever show one as such, nothing in it works."""

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_FALLBACKS = ("404.html", "__spa-fallback.html")  # for addresses with arguments, and those that are no pages


class Policies:
    """The policy of every built page, by its address."""

    def __init__(self, pages: Path, *, is_https: bool) -> None:
        files = {file.relative_to(pages).as_posix(): file for file in pages.rglob("*.html")}
        hashes = {name: frozenset(_hashes(file.read_text(encoding="utf-8"))) for name, file in files.items()}
        shared = frozenset[str]().union(*(hashes.get(name, frozenset[str]()) for name in _FALLBACKS))
        self._default = page_policy(shared, is_https=is_https)
        self._of = {
            path: page_policy(shared | found, is_https=is_https)
            for name, found in hashes.items()
            for path in _addresses(name)
        }

    def of(self, path: str) -> str:
        """The policy of the page at this path."""
        return self._of.get(path, self._default)


def page_policy(hashes: Collection[str], *, is_https: bool) -> str:
    """The policy of a page with scripts of these hashes. Texts of people show pictures from anywhere."""
    pictures = "https:" if is_https else "https: http:"
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *sorted(hashes)]),
        "script-src-attr": "'none'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob: {pictures}",
        "connect-src": "'self'",  # sockets of our own origin, too
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {values}" for name, values in directives.items())


def _hashes(html: str) -> Iterator[str]:
    for script in _SCRIPT.finditer(html):
        if "src=" not in script["attributes"] and script["code"]:
            yield f"'sha256-{b64encode(sha256(script['code'].encode()).digest()).decode()}'"


def _addresses(name: str) -> Iterator[str]:
    """Where a built file is served: under its name, and where a page is looked for.

    >>> list(_addresses("tags/index.html")), list(_addresses("tags.html")), list(_addresses("index.html"))
    (['/tags/index.html', '/tags', '/tags/'], ['/tags.html', '/tags', '/tags/'], ['/index.html', '/', '/'])
    """
    yield f"/{name}"
    page = f"/{name}".removesuffix("/index.html").removesuffix(".html")
    yield page or "/"
    yield f"{page}/"
