"""Reads a large XML file one record at a time, and refuses what a hostile file would do to a parser.

A record is an element two levels below the root (an RSS `item` or `wp:author`), with its fields as text and what is
nested in it as dictionaries. Memory is bounded by the largest record, whatever the size of the file. Names come as
`wp:post_id` whatever prefix or version of the namespace a file uses.

Refused, always with line and column: any document type declaration (so no entities at all: no bombs, no external ones,
no quadratic growth), nesting deeper than 32, a single tag or comment over 1 MiB, and more than 10,000 different names
(the parser keeps each). A record with more than 16 MiB of text is handed on empty and marked. A broken file raises once
the whole records before the break are out.

Bytes that are not of the declared encoding become U+FFFD and characters XML forbids are dropped: real exports have
both, and one bad byte must not cost a site.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from myapp.blog.importing.report import Reason, Refused

CHUNK = 1 << 16
MAX_DEPTH = 32
MAX_MARKUP = 1 << 20
MAX_RECORD = 16 << 20
MAX_NAMES = 10_000

_RECORD, _FIELD, _NESTED = 3, 4, 5  # depths, the root's being 1
_SHORT = 1000
_FIELD_COST = 64  # what an element weighs besides its text, so that a record of empty elements is bounded too

_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_WIDE = re.compile(r"(?:utf|ucs|iso-10646-ucs)[-_]?(?:16|32|2|4)", re.IGNORECASE)
_NO_ENCODINGS = {"idna", "punycode", "raw-unicode-escape", "raw_unicode_escape", "unicode-escape", "unicode_escape"}
_FORBIDDEN = bytes(code for code in range(32) if code not in b"\t\n\r")
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF
_FORBIDDEN_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[1-24-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|[dD][89a-fA-F][\da-fA-F]{2}|[fF]{3}[eEfF]));"
)
_LONGEST_REFERENCE = 16

_NAMESPACES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/?"), "wp:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)


class Readable(Protocol):
    """A file, or a part of a zip."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Record:
    """One record: `fields` by name, `labels` (fields with attributes, any number of a name), `nested` by name."""

    name: str
    line: int
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    labels: list[tuple[str, dict[str, str], str]] = field(default_factory=list[tuple[str, dict[str, str], str]])
    nested: dict[str, list[dict[str, str]]] = field(default_factory=dict[str, list[dict[str, str]]])
    too_big: bool = False


def records(stream: Readable, *, root: str, fields: Collection[str] | None = None) -> Iterator[Record]:
    """The records of the file, in order. Raises `Refused` at what is broken or hostile, after the records before it.

    With `fields`, only these have their texts, which saves time.
    """
    parser = _Parser(root, fields)
    for chunk in _clean(stream):
        yield from parser.feed(chunk)
    yield from parser.close()


def _clean(stream: Readable) -> Iterator[bytes]:
    """The file as UTF-8 without what XML forbids, and without blanks before its declaration, which plugins leave."""
    head = stream.read(CHUNK)
    decoder = _decoder(head)
    carried, first = "", True
    while head:
        text = carried + decoder.decode(head)
        head = stream.read(CHUNK)
        if not head:
            text += decoder.decode(b"", final=True)
        if first:
            text = text.lstrip("\ufeff \t\r\n")
            first = not text
        cut = text.rfind("&", -_LONGEST_REFERENCE) if head else -1
        text, carried = (text, "") if cut < 0 else (text[:cut], text[cut:])
        data = _FORBIDDEN_REFERENCE.sub("", text).encode("utf-8", "replace").translate(None, _FORBIDDEN)
        for character in _NO_CHARACTERS:
            data = data.replace(character, b"")
        yield data


def _decoder(head: bytes) -> codecs.IncrementalDecoder:
    """By byte order mark, then declaration, then UTF-8. Latin-1 means Windows-1252, as for every browser, and a
    declaration that can be read byte by byte belongs to a file that was converted and still says it is UTF-16.
    """
    name = next((name for bom, name in _BOMS.items() if head.startswith(bom)), None)
    if name is None:
        declared = _DECLARED.match(head)
        name = declared.group(1).decode("ascii") if declared else "utf-8"
        name = "utf-8" if _WIDE.match(name) else name
    try:
        codec = codecs.lookup(name)
        b"<".decode(name, "ignore")  # refuses a codec such as `zip`, which is none of text
        if codec.name == "iso8859-1":
            codec = codecs.lookup("windows-1252")
        decoder = codecs.getincrementaldecoder(codec.name)
    except (LookupError, ValueError):
        raise Refused(Reason.ENCODING, name) from None
    if codec.name in _NO_ENCODINGS:
        raise Refused(Reason.ENCODING, name)
    return decoder("replace")


class _Parser:
    """Expat with the limits; its callbacks build the record at hand."""

    def __init__(self, root: str, fields: Collection[str] | None) -> None:
        parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        self._expat = parser
        self._root = root
        self._fields = fields
        self._names: dict[str, str] = {}
        self._fed = 0
        self._depth = 0
        self._size = 0
        self._text: list[str] = []
        self._attributes: dict[str, str] = {}
        self._record: Record | None = None
        self._nested: dict[str, str] | None = None
        self._ready: list[Record] = []

    def feed(self, chunk: bytes) -> Iterator[Record]:
        yield from self._parse(chunk, final=False)
        self._fed += len(chunk)
        index = self._expat.CurrentByteIndex  # -1 when everything fed is parsed
        if index >= 0 and self._fed - index > MAX_MARKUP:
            raise self._refusal(Reason.HUGE_MARKUP)
        if len(self._expat.intern) > MAX_NAMES:
            raise self._refusal(Reason.HUGE_MARKUP)

    def close(self) -> Iterator[Record]:
        yield from self._parse(b"", final=True)

    def _parse(self, chunk: bytes, *, final: bool) -> Iterator[Record]:
        refused: Refused | None = None
        try:
            self._expat.Parse(chunk, final)
        except expat.ExpatError as error:
            why = Reason.TRUNCATED if final else Reason.BROKEN_XML
            refused = Refused(why, expat.ErrorString(error.code) or "", line=error.lineno, column=error.offset + 1)
        except Refused as error:
            refused = error
        ready, self._ready = self._ready, []
        yield from ready
        if refused is not None:
            raise refused

    def _refusal(self, why: Reason, detail: str = "") -> Refused:
        return Refused(why, detail, line=self._expat.CurrentLineNumber, column=self._expat.CurrentColumnNumber + 1)

    def _doctype(self, *_: object) -> None:
        raise self._refusal(Reason.DOCTYPE)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Called a million times in a large export, so it does the least it can."""
        self._depth = depth = self._depth + 1
        self._text.clear()
        self._size += _FIELD_COST
        if depth == _FIELD:
            self._attributes = attributes
            self._nested = None
            if self._fields is not None:
                is_wanted = (self._names.get(name) or self._short(name)) in self._fields
                self._expat.CharacterDataHandler = self._characters if is_wanted else None
            if attributes:
                self._size += sum(map(len, attributes.values()))
        elif depth == _NESTED:
            if self._nested is None:
                self._nested = {}
        elif depth == _RECORD:
            self._record = Record(self._short(name), self._expat.CurrentLineNumber)
            self._size = 0
        elif depth > MAX_DEPTH:
            raise self._refusal(Reason.NESTING)
        elif depth == 1 and self._short(name) != self._root:
            raise self._refusal(Reason.NOT_WORDPRESS, self._short(name))
        if self._size > MAX_RECORD:
            self._shed()

    def _characters(self, text: str) -> None:
        self._text.append(text)
        self._size += len(text)
        if self._size > MAX_RECORD:
            self._shed()

    def _shed(self) -> None:
        """Let go of what a record that is too big has gathered, but for enough to say which one it is."""
        self._text.clear()
        self._nested = None
        record = self._record
        if record is not None and not record.too_big:
            short = {name: value for name, value in record.fields.items() if len(value) < _SHORT}
            self._record = Record(record.name, record.line, fields=short, too_big=True)

    def _end(self, name: str) -> None:
        depth, record = self._depth, self._record
        self._depth = depth - 1
        if record is not None:
            if depth == _NESTED:
                if self._nested is not None:
                    self._nested[self._names.get(name) or self._short(name)] = "".join(self._text)
            elif depth == _FIELD:
                if not record.too_big:
                    self._keep(record, self._names.get(name) or self._short(name))
            elif depth == _RECORD:
                record.text = "".join(self._text)
                self._ready.append(record)
                self._record = None
        self._text.clear()

    def _keep(self, record: Record, name: str) -> None:
        if self._nested is not None:
            record.nested.setdefault(name, []).append(self._nested)
            self._nested = None
            return
        text = record.fields[name] = "".join(self._text)
        if self._attributes or name == "category":
            record.labels.append((name, self._attributes, text))

    def _short(self, name: str) -> str:
        """`wp:status` for `http://wordpress.org/export/1.2/ status`."""
        short = self._names.get(name)
        if short is None:
            space, _, local = name.rpartition(" ")
            prefix = next((prefix for known, prefix in _NAMESPACES if known.fullmatch(space)), "?:" if space else "")
            short = self._names[name] = prefix + local
        return short
