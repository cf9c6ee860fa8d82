"""The catalogues of texts, kept in step with the code: what Phoenix has in `mix gettext.extract --merge`.

`update()` finds every marked text and brings it into each language's catalogue; `problems()` is the check;
`for_browsers()` is what pages read. Marked are:

    gettext("…")  _("…")  gettext_noop("…")  ngettext("…", "…", n)      texts of the server
    t("…")  tn("…", "…", n)                                             texts of page components
    texts.text("…")  texts.plural("…", "…", n)                          texts of the pages' own JavaScript
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from io import SEEK_END, BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from myapp.kit import i18n

PACKAGE = Path(__file__).parents[1]
_ONE, _TWO = (1,), (1, 2)
MARKS: dict[str, dict[str, tuple[int, ...]]] = {
    "python": {
        **dict.fromkeys(("_", "gettext", "gettext_noop", "t"), _ONE),
        **dict.fromkeys(("ngettext", "ngettext_noop", "tn"), _TWO),
    },
    "javascript": {"text": _ONE, "plural": _TWO},
}
SHOWN_BY_PAGES = ("web/", "metrics.py")
"""Where texts stand that pages show by themselves; the server translates all others before it sends them."""
FILES = {"python": "**.py", "javascript": "web/**.js"}

# Without the dates and names of Babel's own header, which would only make two branches disagree.
HEADER = r"""msgid ""
msgstr ""
"Language: {}\n"
"Plural-Forms: {}\n"
"Content-Type: text/plain; charset=utf-8\n"

"""

_HOLES = re.compile(r"%\(\w+\)s|%\{\w+\}")


def extract() -> Catalog:
    """Every marked text in the code, with the files it is in."""
    found = Catalog()
    for kind, marks in MARKS.items():
        for file, _line, text, *_rest in extract_from_dir(PACKAGE, [(FILES[kind], kind)], keywords=marks):
            found.add(text, locations=[(f"{PACKAGE.name}/{file}", 0)])
    return found


def update() -> list[Path]:
    """Bring every language's catalogue up to date with the code; returns the files that changed.

    English says what the code says. In other languages new texts are empty, and a text that is no longer used is gone.
    """
    texts = extract()
    return [path for language in i18n.languages() if _write(path := _path(language), _merged(language, texts))]


def problems() -> list[str]:
    """What keeps a reader from seeing every text in the language: one line each, none when all is well."""
    texts = extract()
    found: list[str] = []
    for language in i18n.languages():
        catalogue = _read(language)
        missing = [message for message in texts if message.id and message.id not in catalogue]
        unused = [message for message in catalogue if message.id and message.id not in texts]
        found += [f"{language}: not in the catalogue: {_name(message)}" for message in missing]
        found += [f"{language}: in no code any more: {_name(message)}" for message in unused]
        found += [
            f"{language}: {complaint}"
            for message in catalogue
            if message.id
            for complaint in _complaints(message, language)
        ]
    return found


def for_browsers() -> dict[str, str]:
    """For every language but the code's own the JSON that its pages read.

    It maps a text to its translation, or to the list of its plural forms. Untranslated texts are left out.
    """
    return {language: _json(language) for language in i18n.languages() if language != i18n.SOURCE}


def _json(language: str) -> str:
    texts = {
        _name(message): list(_forms(message.string)) if message.pluralizable else message.string
        for message in _read(language)
        if message.id and _is_complete(message) and any(_is_of_pages(file) for file, _ in message.locations)
    }
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def _is_of_pages(file: str) -> bool:
    return file.removeprefix(f"{PACKAGE.name}/").startswith(SHOWN_BY_PAGES)


def _path(language: str) -> Path:
    return i18n.FOLDER / language / "LC_MESSAGES" / "myapp.po"


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _merged(language: str, texts: Catalog) -> Catalog:
    catalogue = _read(language)
    # A copy, as these messages become the catalogue's own, and what English says is not what others say.
    catalogue.update(deepcopy(texts), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    if language == i18n.SOURCE:
        for message in catalogue:
            message.string = message.id
    return catalogue


def _write(path: Path, catalogue: Catalog) -> bool:
    out = BytesIO(HEADER.format(catalogue.locale, catalogue.plural_forms).encode())
    out.seek(0, SEEK_END)
    write_po(out, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=True)
    if path.exists() and path.read_bytes() == out.getvalue():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue())
    return True


def _complaints(message: Message, language: str) -> Iterator[str]:
    if not _is_complete(message):
        yield f"not translated: {_name(message)}"
    elif language == i18n.SOURCE and message.string != message.id:
        yield f"English is written in the code, so it can't differ here: {_name(message)}"
    elif any(_holes(form) - _holes(*_forms(message.id)) for form in _forms(message.string)):
        yield f"a name in it is not in the English text: {_name(message)}"
    elif _holes(*_forms(message.id)) - _holes(*_forms(message.string)):
        yield f"a name of the English text is not in it: {_name(message)}"


def _holes(*texts: str) -> set[str]:
    return {hole for text in texts for hole in _HOLES.findall(text)}


def _is_complete(message: Message) -> bool:
    forms = _forms(message.string)
    return not message.fuzzy and forms != () and all(forms)


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _name(message: Message) -> str:
    return _forms(message.id)[0]
