"""From a record of the standard library to a line that says whose request it was and holds no secret."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TextIO, override

import orjson
import structlog

from myapp.kit.logs import _context, _scrub
from myapp.kit.logs._ring import Line, Ring

type Format = Literal["json", "logfmt", "text"]
type Render = Callable[[Line], str]

_MAX_MESSAGE = 16_000  # characters
_MAX_TRACEBACK = 32_000
_ALWAYS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOT_OURS = frozenset({"color_message", "rich_kwargs", "websocket", "_record", "_logger", "_name", "_from_structlog"})


class Handler(logging.Handler):
    """Scrubs each record once, remembers it, and writes it, if there is somewhere to write."""

    def __init__(self, ring: Ring, stream: TextIO | None, render: Render) -> None:
        super().__init__()
        self.ring = ring
        self._stream, self._render = stream, render

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = line_of(record)
            self.ring.add(line)
            if self._stream is not None:
                self._stream.write(self._render(line) + "\n")
                self._stream.flush()
        except Exception:  # noqa: BLE001 - whoever logs is not the one to hear of it
            self.handleError(record)


def line_of(record: logging.LogRecord) -> Line:
    """What is written and remembered of a record: nothing else of it goes anywhere."""
    given = {name: each for name, each in vars(record).items() if name not in _ALWAYS and name not in _NOT_OURS}
    about: dict[str, object] = dict(_context.current())
    about.update((name, _scrub.value(each, name)) for name, each in given.items())
    return Line(
        at=datetime.fromtimestamp(record.created, UTC),
        level=record.levelname.lower(),
        logger=record.name,
        message=_scrub.text(_message(record)[:_MAX_MESSAGE]),
        about=about,
        traceback=_scrub.text(_traceback(record)),
    )


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a wrong number of arguments is a bug to see, not one to stop for
        return f"{record.msg} (its arguments do not fit)"


def _traceback(record: logging.LogRecord) -> str:
    """The end of it, where the reason is."""
    if record.exc_info and record.exc_info[0] is not None:
        return "".join(traceback.format_exception(*record.exc_info)).strip()[-_MAX_TRACEBACK:]
    return (record.exc_text or record.stack_info or "")[-_MAX_TRACEBACK:]


def renderer(form: Format) -> Render:
    """How a line is written: `json` for machines, `logfmt` for both, `text` for people."""
    match form:
        case "json":
            return _json
        case "logfmt":
            return _logfmt
        case "text":
            return _text


def _json(line: Line) -> str:
    return orjson.dumps(_fields(line), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


_render_logfmt = structlog.processors.LogfmtRenderer(key_order=["time", "level", "logger", "message"])


def _logfmt(line: Line) -> str:
    plain = {_key(name): _plain(each) for name, each in _fields(line).items()}
    return str(_render_logfmt(None, "", plain))


def _plain(thing: object) -> object:
    return thing if isinstance(thing, bool | int | float) else str(thing)


def _key(name: str) -> str:
    return "".join(letter if letter.isprintable() and letter not in ' ="' else "_" for letter in name)


def _fields(line: Line) -> dict[str, object]:
    fields: dict[str, object] = {
        "time": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": line.level,
        "logger": line.logger,
        "message": line.message,
    }
    for name, each in line.about.items():
        fields[f"{name}_" if name in fields or name == "traceback" else name] = each
    if line.traceback:
        fields["traceback"] = line.traceback
    return fields


def _text(line: Line) -> str:
    """What follows a line break is indented: nothing that is logged looks like a line of the log."""
    about = "".join(f" {name}={each}" for name, each in line.about.items())
    words = f"{line.at.astimezone():%H:%M:%S.%f}"[:-3] + f" {line.level.upper():7} {line.logger}: {line.message}{about}"
    return "\n    ".join(_printable(part) for part in f"{words}\n{line.traceback}".strip().splitlines())


def _printable(part: str) -> str:
    return part if part.isprintable() else "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in part)
