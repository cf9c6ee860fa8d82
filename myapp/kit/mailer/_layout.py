"""The one layout of all mails: the same words as text and as HTML, in the language of the running task."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from babel import Locale

from myapp.kit.i18n import get_locale, gettext
from myapp.kit.mailer._mail import Mail, one_line

SITE = "MyApp"
_WIDTH = 72  # characters of a line of text
_HTML = Template(Path(__file__).with_name("layout.html").read_text(encoding="utf-8"))
_ADDRESS = re.compile(r"[@/\\]|:\S|\w\.\w{2,}")

_site: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """What the mail is for: a label, and a path of this site from `kit/routes.py`."""

    label: str
    path: str


def use_site(origin: str | None) -> None:
    """Name scheme and host of this site, for the links: the supervision tree does at start, a test for itself."""
    global _site  # noqa: PLW0603 - the one place a process keeps it
    _site = origin


def compose(
    to: str,
    *,
    kind: str,
    subject: str,
    paragraphs: Sequence[str],
    name: str = "",
    button: Button | None = None,
    quote: str = "",
    note: str = "",
    key: str | None = None,
) -> Mail:
    """A mail of plain paragraphs. `quote` is what somebody wrote; `note` is small print at the end.

    Nothing in it is taken for HTML. `key` says which mails count as the same (`Mail`).
    """
    link = _absolute(button.path) if button else ""
    greeting = gettext("Hello %(name)s,") % {"name": one_line(name)} if _is_name(name) else gettext("Hello,")
    subject = one_line(subject)
    closing = note or gettext("You get this mail because of your account at %(site)s.") % {"site": SITE}
    return Mail(
        to=to,
        subject=subject,
        text=_text([greeting, *paragraphs], quote, button, link, closing),
        html=_html(subject, [greeting, *paragraphs], quote, button, link, closing),
        kind=kind,
        locale=get_locale(),
        key=key,
    )


def _is_name(name: str) -> bool:
    """Whether to greet by it. Somebody may register a stranger's address and be called "win at evil.example"."""
    return bool(name) and not _ADDRESS.search(name)


def _absolute(path: str) -> str:
    if _site is None:
        raise RuntimeError("the mailer is not set up: application.py does it before anything uses it")
    return _site + path


def _text(paragraphs: Sequence[str], quote: str, button: Button | None, link: str, closing: str) -> str:
    parts = [_wrapped(each) for each in paragraphs]
    if quote:
        parts.append(
            "\n".join(textwrap.indent(_wrapped(line) or "", "> ", lambda _: True) for line in quote.splitlines())
        )
    if button:
        parts.append(f"{button.label}:\n{link}")
    return "\n\n".join([*parts, f"-- \n{_wrapped(closing)}\n{_site or SITE}"]) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _html(subject: str, paragraphs: Sequence[str], quote: str, button: Button | None, link: str, closing: str) -> str:
    locale = get_locale()
    body = [f"<p>{escape(each)}</p>" for each in paragraphs]
    if quote:
        body.append(f"<blockquote dir='auto'>{'<br>'.join(map(escape, quote.splitlines()))}</blockquote>")
    if button:
        otherwise = gettext("If the button does not work, open this address:")
        body.append(f'<p><a class="button" href="{escape(link)}">{escape(button.label)}</a></p>')
        body.append(f'<p class="quiet">{escape(otherwise)}<br><a href="{escape(link)}">{escape(link)}</a></p>')
    return _HTML.substitute(
        lang=escape(locale),
        dir=Locale.parse(locale, sep="-").text_direction,
        subject=escape(subject),
        site=escape(SITE),
        home=escape(_site or ""),
        body="\n".join(body),
        closing=escape(closing),
    )
