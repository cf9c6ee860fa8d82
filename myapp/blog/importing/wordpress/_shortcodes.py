"""Shortcodes of WordPress as HTML: captions, galleries, embeds, players and code; others stay as they are.

A shortcode that nobody knows is text, as WordPress itself shows it when its plugin is gone; its name is reported. What
only looks like one, "[sic]" or "[1]", is text and not reported.

>>> expand('[caption width="9"]<img src="a.png"> A cat[/caption]', Media()).html
'<figure><img src="a.png"><figcaption>A cat</figcaption></figure>'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

MAX_GROWN = 4_000_000
"""Characters that shortcodes become at most: ten thousand galleries of a thousand pictures are a bomb. It is more than
a body may have, so such a post is too big.
"""

_CODE = re.compile(r"\[(\[?)(/?)([a-zA-Z][\w-]*)((?:[\s=][^\[\]]*)?)\](\]?)")
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|([^\s"']+)""")
_IMAGE = re.compile(r"(?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a\s*>)?")
_WEB = re.compile(r"(?:https?:)?//[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that posts refer to: where it lies on the old site and what it is."""

    url: str
    title: str = ""
    mime: str = ""
    alt: str = ""
    caption: str = ""

    def as_json(self) -> dict[str, str]:
        """Its non-empty parts, for the metadata of a post."""
        parts = {"url": self.url, "title": self.title, "mime": self.mime, "alt": self.alt, "caption": self.caption}
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True, slots=True)
class Media:
    """What the galleries of a post may show: attachments by their ids, and the ids of the post's own."""

    by_id: Mapping[str, Attachment] = field(default_factory=dict[str, Attachment])
    own: tuple[str, ...] = ()

    def chosen(self, attributes: Mapping[str, str]) -> Iterator[Attachment]:
        """The images a gallery names, else the post's own."""
        named = attributes.get("ids") or attributes.get("include") or ""
        excluded = set(re.findall(r"\d+", attributes.get("exclude", "")))
        for key in re.findall(r"\d+", named) or self.own:
            found = self.by_id.get(key)
            if found is not None and key not in excluded:
                yield found


@dataclass(slots=True)
class Expanded:
    """The text with what is known expanded, and the names of the rest."""

    html: str
    left: list[str] = field(default_factory=list[str])


type Handler = Callable[[Mapping[str, str], str, Media], str]


def expand(text: str, media: Media) -> Expanded:
    """Known shortcodes become HTML; `[[name]]` becomes the text `[name]`."""
    if "[" not in text:
        return Expanded(text)
    return _Expansion(text, media).result()


class _Expansion:
    def __init__(self, text: str, media: Media) -> None:
        self._text = text
        self._media = media
        self._left: dict[str, None] = {}
        self._stops: dict[str, int] = {}

    def result(self) -> Expanded:
        parts: list[str] = []
        position = grown = 0
        for found in _CODE.finditer(self._text):
            if found.start() >= position:  # else it is inside of one that is done
                parts.append(self._text[position : found.start()])
                piece, position = self._take(found)
                parts.append(piece)
                grown += len(piece)
            if grown > MAX_GROWN:
                break
        parts.append(self._text[position:])
        return Expanded("".join(parts), list(self._left))

    def _take(self, found: re.Match[str]) -> tuple[str, int]:
        """What stands for this shortcode, and where the text goes on."""
        opening, closes, name, rest, closing = found.groups()
        handler = _HANDLERS.get(name.lower())
        if handler is None:
            if "=" in rest and not closes:
                self._left[name] = None
            return found.group(), found.end()
        if opening and closing:
            return found.group()[1:-1], found.end()
        if closes:
            return opening + closing, found.end()
        end = found.end() - len(closing)
        alone = handler in _ALONE
        stop = -1 if rest.rstrip().endswith("/") else self._stop(name, end, alone=alone)
        if stop < 0 and not alone:
            return opening + closing, found.end()
        inner, end = ("", end) if stop < 0 else (self._text[end:stop], stop + len(name) + 3)
        return opening + handler(_attributes(rest.removeprefix("=")), inner, self._media), end

    def _stop(self, name: str, start: int, *, alone: bool) -> int:
        """Where the closing tag is, or -1. Each is looked for once, however many opening ones come before it."""
        stop = self._stops.get(name, start)
        if 0 <= stop <= start:
            stop = self._stops[name] = self._text.find(f"[/{name}]", start)
        if stop >= 0 and alone and self._text.find(f"[{name}", start, stop) >= 0:
            return -1
        return stop


def _attributes(text: str) -> dict[str, str]:
    """Named values by name; unnamed ones as "0", "1" and so on."""
    values: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text.rstrip().removesuffix("/")):
        name, double, single, bare, quoted, word = found.groups()
        if name:
            values[name.lower()] = next((value for value in (double, single, bare) if value is not None), "")
        else:
            values[str(len(values))] = quoted if quoted is not None else word
    return values


def _address(text: str) -> str:
    """The first web address in the text, or nothing."""
    found = _WEB.search(text)
    return (f"https:{found.group()}" if found.group().startswith("//") else found.group()) if found else ""


def _link(url: str, label: str = "") -> str:
    return f'<p><a href="{escape(url)}">{escape(label or url)}</a></p>' if url else ""


def _caption(attributes: Mapping[str, str], inner: str, _media: Media) -> str:
    inner = inner.strip()
    image = _IMAGE.match(inner)
    picture, words = (image.group(), inner[image.end() :]) if image else (inner, "")
    words = words.strip() or escape(attributes.get("caption", ""))
    return f"<figure>{picture}<figcaption>{words}</figcaption></figure>" if words else f"<figure>{picture}</figure>"


def _gallery(attributes: Mapping[str, str], _inner: str, media: Media) -> str:
    return "\n".join(map(_figure, media.chosen(attributes)))


def _figure(item: Attachment) -> str:
    if item.mime and not item.mime.startswith("image/"):
        return _link(item.url, item.title)
    words = f"<figcaption>{escape(item.caption)}</figcaption>" if item.caption else ""
    return f'<figure><img src="{escape(item.url)}" alt="{escape(item.alt or item.title)}">{words}</figure>'


def _embed(attributes: Mapping[str, str], inner: str, _media: Media) -> str:
    return _link(_address(inner) or _address(" ".join(attributes.values())))


def _player(attributes: Mapping[str, str], inner: str, media: Media) -> str:
    url = _address(" ".join([*attributes.values(), inner]))
    return _link(url) if url else "\n".join(_link(item.url, item.title) for item in media.chosen(attributes))


def _code(_attributes: Mapping[str, str], inner: str, _media: Media) -> str:
    """Some sites stored the code escaped already; escaping twice would show the entities."""
    code = inner.strip("\n")
    return f"<pre><code>{code if '&lt;' in code and '<' not in code else escape(code, quote=False)}</code></pre>"


def _nothing(_attributes: Mapping[str, str], inner: str, _media: Media) -> str:
    return inner


_HANDLERS: Mapping[str, Handler] = {
    "caption": _caption,
    "wp_caption": _caption,
    "gallery": _gallery,
    "playlist": _player,
    "audio": _player,
    "video": _player,
    "embed": _embed,
    "youtube": _embed,
    "vimeo": _embed,
    "soundcloud": _embed,
    "twitter": _embed,
    "tweet": _embed,
    "code": _code,
    "sourcecode": _code,
    "more": _nothing,
}
_ALONE = frozenset({_gallery, _player, _embed})
"""Handlers of shortcodes that mostly stand without a closing tag."""
