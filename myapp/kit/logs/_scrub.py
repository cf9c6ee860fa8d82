"""What must never stand in a log, taken out of it on the way: secrets, whoever wrote them there and in whatever shape.

What always holds: the value of anything that is called a password, token, cookie, key or the like is hidden, in
mappings and in texts; so is what looks like a credential by itself (a bearer, a key of ours, a JWT, a password's hash,
a token of 32 random bytes, the password in an address); so are this process's own secrets. The words of mails and the
values of SQL are taken for secrets, too, as they hold those of other people.

    >>> text("Cookie: session=abc; theme=dark")
    'Cookie: [hidden]'
    >>> text("postgresql://ada:geheim@host/db and {'password': 'geheim', 'name': 'Ada'}")
    "postgresql://ada:[hidden]@host/db and {'password': [hidden], 'name': 'Ada'}"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

HIDDEN = "[hidden]"
_DEPTH = 5
_SHORTEST = 8  # characters of a secret of ours; what is shorter stands in many words

_WORDS = r"password|passwd|secret|token|cookie|authorization|api[_-]?key|credential|private[_-]?key|dsn"
_EXACTLY = r"session|__host-session|body|html|text|parameters|params"
_SECRET_NAME = re.compile(rf"(?i)(?:[\w.-]*(?:{_WORDS})[\w.-]*(?<!_id)(?<!_ids)|(?:{_EXACTLY}))")

_QUOTED = r"""b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'"""
# Looked for at every place, also within what was found before.
_NAME = re.compile(
    r"""(?=b?(?P<quote>["'])(?P<quoted>[\w.-]{1,80})(?P=quote)\s*[:,=]\s*(?P<value>)"""
    r"""|(?<![\w.-])(?P<bare>[\w.-]{1,80})\s*[=:]\s*(?P<behind>))"""
)
_VALUE = re.compile(rf"{_QUOTED}|\[[^\]]*\]|\{{[^}}]*\}}|[^\s,;&)}}\]]+")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # A header takes its whole line.
    (
        re.compile(r"(?i)(?<![\w\"'-])((?:set-)?cookie|(?:proxy-)?authorization|x-api-key)(\s*:\s*)[^\r\n]+"),
        r"\1\2[hidden]",
    ),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]{8,}"), r"\1\2[hidden]"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s:/?#@]*):[^\s/@]+@"), r"\1:[hidden]@"),
    (re.compile(r"\b(myapp_[A-Za-z0-9]{8})_[A-Za-z0-9]{40}"), r"\1_[hidden]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"\$argon2\w*\$[^\s'\")]+"), HIDDEN),
    # 32 random bytes: session tokens and links in mails. No word has capitals, small letters and digits at this length.
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])"), HIDDEN),
    (re.compile(r"(?i)(/(?:log-in|reset|confirm|invitations)/)[\w.-]{16,}"), r"\1[hidden]"),
    # What PostgreSQL and SQLAlchemy say of values.
    (re.compile(r"(\bDETAIL:\s*)[^\r\n]+"), r"\1[hidden]"),
    (re.compile(r"(\bCONTEXT:\s*COPY [^\r\n:]*:)[^\r\n]+"), r"\1 [hidden]"),
    (re.compile(r"(\binvalid input (?:syntax|value) for [^:\r\n]+: )\"[^\r\n]*"), r"\1[hidden]"),
    (re.compile(r"(\[parameters: )[^\r\n]+"), r"\1[hidden]]"),
)

_own: re.Pattern[str] | None = None


def use_secrets(values: Iterable[str | None]) -> None:
    """Hide these very texts wherever they stand: what the settings hold."""
    global _own  # noqa: PLW0603 - the one place a process keeps them
    long = sorted({value for value in values if value and len(value) >= _SHORTEST}, key=len, reverse=True)
    _own = re.compile("|".join(map(re.escape, long))) if long else None


def is_secret(name: str) -> bool:
    """Whether what goes by this name is hidden, whatever it is.

    >>> is_secret("user_password"), is_secret("session_id"), is_secret("Cookie"), is_secret("token_family_id")
    (True, False, True, False)
    """
    return _SECRET_NAME.fullmatch(name) is not None


def text(words: str) -> str:
    """A text without what must not stand in a log."""
    if _own is not None:
        words = _own.sub(HIDDEN, words)
    for pattern, instead in _RULES:
        words = pattern.sub(instead, words)
    return _without_values(words)


def value(thing: object, name: str = "", *, depth: int = _DEPTH) -> object:
    """What is logged beside the words: numbers as they are, the rest as text, mappings and lists piece by piece."""
    if name and is_secret(name):
        return HIDDEN
    if thing is None or isinstance(thing, bool | int | float):
        return thing
    if isinstance(thing, str):
        return text(thing)
    if depth and isinstance(thing, Mapping):
        pairs = cast("Mapping[object, object]", thing)
        return {text(str(key)): value(each, str(key), depth=depth - 1) for key, each in pairs.items()}
    if depth and isinstance(thing, Sequence | set | frozenset) and not isinstance(thing, bytes | bytearray):
        return _each(cast("Iterable[object]", thing), lambda each: value(each, depth=depth - 1))
    return text(_shown(thing))


def _each(things: Iterable[object], change: Callable[[object], object]) -> object:
    """A pair of a name and a value, as in a list of headers, is one; else each by itself."""
    listed = list(things)
    if len(listed) == 2 and isinstance(listed[0], str | bytes) and is_secret(_plain(listed[0])):
        return [_plain(listed[0]), HIDDEN]
    return [change(each) for each in listed]


def _plain(name: str | bytes) -> str:
    return name.decode("latin-1") if isinstance(name, bytes) else name


def _shown(thing: object) -> str:
    try:
        return str(thing)
    except Exception as error:  # noqa: BLE001 - a line of the log is no place to fail
        return f"<{type(thing).__name__} that cannot be shown: {type(error).__name__}>"


def _without_values(words: str) -> str:
    """The text with what follows a secret's name hidden; what follows another name is looked into, too.

    So is what was hidden: whoever writes "secret:" into a text may have made what follows look like a value, and that
    may be the name of a real one.
    """
    kept: list[str] = []
    at = 0
    for name in _NAME.finditer(words):
        if not is_secret(name["quoted"] or name["bare"]):
            continue
        begin = max(name.end("value"), name.end("behind"))  # one of them is -1
        found = _VALUE.match(words, begin)
        if found is None or found.end() <= at:
            continue
        if begin >= at:
            kept += [words[at:begin], HIDDEN]
        at = found.end()
    return "".join([*kept, words[at:]])
