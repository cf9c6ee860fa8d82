"""The one place where an error that leaves a handler becomes something a person can read.

While a page loads, an expected error takes the page's place (not found, no permission) or sends a visitor to the log-in
and back. In any other handler it becomes a flash message, and what was typed stays. Forms show `Invalid` at their
fields (`live/forms.py`). What nobody foresaw is logged under an id, and the person is shown that id and calm words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from traceback import walk_tb
from types import CodeType
from typing import Any

from reflex.event import EventSpec

from myapp.accounts import SudoRequired
from myapp.kit import logs
from myapp.kit.errors import AppError, Forbidden, NotFound, Unauthenticated
from myapp.web.door import resume_event
from myapp.web.live.again import ask_for_nothing
from myapp.web.shell import ShellState, ask_who, failure, flash, problem

log = logging.getLogger(__name__)

_loading: set[CodeType] = {ShellState._enter.__code__}  # noqa: SLF001 - what both of its handlers that load pages do


def loads_pages(functions: list[Callable[..., Any]]) -> None:
    """Name the handlers that load pages; the router does."""
    _loading.update(function.__code__ for function in functions)


def on_backend_error(exception: Exception) -> list[EventSpec]:
    """What to do about an exception that left a handler."""
    resume_event()
    if isinstance(exception, SudoRequired):
        return [ask_for_nothing()]
    if isinstance(exception, Unauthenticated):
        return [ask_who(), flash(str(exception), "info")]
    if isinstance(exception, AppError):
        return _expected(exception)
    error_id = logs.request_id()
    log.error("a handler failed [%s]", error_id, exc_info=exception)
    if _happened_while_loading(exception):
        return [problem("failed", error_id)]
    return [failure(error_id)]


def on_frontend_error(exception: Exception) -> None:
    """A page failed in somebody's browser. The text is the browser's own, so it is cut and kept on one line."""
    log.warning("a page failed in a browser: %r", str(exception)[:2000])


def _expected(error: AppError) -> list[EventSpec]:
    if _happened_while_loading(error) and isinstance(error, NotFound | Forbidden):
        return [problem("missing" if isinstance(error, NotFound) else "forbidden", str(error))]
    return [flash(str(error), "error")]


def _happened_while_loading(exception: Exception) -> bool:
    return any(frame.f_code in _loading for frame, _ in walk_tb(exception.__traceback__))
