"""Where this process's log goes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

import structlog

from myapp.kit.logs import _scrub
from myapp.kit.logs._handler import Format, Handler, renderer
from myapp.kit.logs._ring import Ring

_QUIET = ("apscheduler", "httpx", "httpcore", "urllib3", "myapp.kit.repo.pool")

ring = Ring()
"""The last lines of this process."""


def configure(level: str, form: Format = "text", *, secrets: Iterable[str | None] = ()) -> None:
    """Let our loggers speak from this level on and others from warnings on, each record as one line without secrets.

    Warnings of Python go the same way. Whoever runs us may have set handlers already: theirs stay, and the lines are
    remembered but not written a second time. Doing it again changes what was set.
    """
    _scrub.use_secrets(secrets)
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, Handler)]:
        root.removeHandler(handler)
    ours = logging.getLevelNamesMapping()[level.upper()]
    is_alone = not root.handlers
    root.addHandler(Handler(ring, sys.stderr if is_alone else None, renderer(form)))
    logging.getLogger("myapp").setLevel(ours)
    if is_alone:
        root.setLevel(max(ours, logging.WARNING))
        logging.captureWarnings(capture=True)
        _take_from_libraries()
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(ours, logging.WARNING))
    _let_structlog_in()


def _take_from_libraries() -> None:
    """Some (Engine.IO, Sentry) write to the error stream themselves, a second time and with secrets."""
    for library in list(logging.root.manager.loggerDict.values()):
        if isinstance(library, logging.Logger):
            handlers: list[logging.Handler] = [each for each in library.handlers if type(each) is logging.StreamHandler]
            for handler in handlers:
                library.removeHandler(handler)


def _let_structlog_in() -> None:
    """`structlog.get_logger()` ends in the same place, for libraries and for who prefers it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.render_to_log_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
