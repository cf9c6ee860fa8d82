"""Errors that are logged, reported to Sentry as well, where there is one (`SENTRY_DSN`).

    async with error_reports.running(settings.sentry_dsn, environment="production"):
        log.exception("a request failed")           # in the log, and reported

What always holds: nothing is reported that the log would not say: the same secrets are taken out (`logs`), there are no
values of local variables, headers or bodies of requests, and no integration looks into libraries. A report says whose
request it was as the log does. Nobody waits for it: a thread sends, and what cannot be sent is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import sentry_sdk
from sentry_sdk.integrations.logging import EventHandler
from sentry_sdk.types import Event, Hint

from myapp.kit import logs

PATIENCE = 2.0  # seconds that a stopping process tries to send what still waits
_DEEP = 30  # an event's stack frames lie this deep at most


@asynccontextmanager
async def running(dsn: str | None, *, environment: str) -> AsyncGenerator[None]:
    """Report errors until the end of the block; without an address nothing happens."""
    if dsn is None:
        yield
        return
    sentry_sdk.init(
        dsn,
        environment=environment,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_without_secrets,
    )
    reporter = EventHandler(logging.ERROR)
    logging.getLogger().addHandler(reporter)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(reporter)
        await asyncio.to_thread(sentry_sdk.get_client().close, PATIENCE)


def _without_secrets(event: Event, _hint: Hint) -> Event:
    clean = cast("Event", logs.value_without_secrets(event, depth=_DEEP))
    about = logs.current()
    tags = cast("dict[str, object]", clean.get("tags") or {})
    clean["tags"] = {**tags, **{name: each for name, each in about.items() if name != "user_id"}}  # pyright: ignore[reportGeneralTypeIssues]
    if user_id := about.get("user_id"):
        clean["user"] = {"id": user_id}
    return clean
