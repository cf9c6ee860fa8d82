"""The entry point Reflex loads: the one place that joins the web wing to the application that runs beneath it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import reflex as rx

from myapp import application
from myapp.config import load_settings
from myapp.web.router import add_pages

GRACE = 5.0
"""Seconds that events under way are given to finish when the server stops."""

app = rx.App(reset_style=False, toaster=None)
add_pages(app)


@app.register_lifespan_task
@asynccontextmanager
async def lifespan() -> AsyncGenerator[None]:
    """Reflex would stop its events after this; they are stopped here, while there still is a database to write to."""
    async with application.running(load_settings()):
        yield
        await app.event_processor.stop(graceful_shutdown_timeout=GRACE)
