"""The entry point Reflex loads: the one place that joins the web wing to the application that runs beneath it."""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from myapp import application, bundle
from myapp.application import Child
from myapp.config import load_settings
from myapp.kit import lifetime, telemetry
from myapp.web import channels, session
from myapp.web.api import access_tokens
from myapp.web.api.access_tokens import AccessTokens
from myapp.web.api.account import account_router
from myapp.web.api.errors import answer_errors
from myapp.web.api.files import files_router
from myapp.web.api.health import health_router
from myapp.web.api.mailbox import mailbox_router
from myapp.web.api.metrics import metrics_router
from myapp.web.api.own_data import own_data_router
from myapp.web.api.session import session_router
from myapp.web.api.stored_files import stored_files_router
from myapp.web.api.tokens import tokens_router
from myapp.web.api.uploads import uploads_router
from myapp.web.door import Door
from myapp.web.edge import Edge
from myapp.web.errors import on_backend_error, on_frontend_error
from myapp.web.layout import head, wraps
from myapp.web.live import subscriptions
from myapp.web.live.subscriptions import Followers
from myapp.web.measured import MeasuredRequests
from myapp.web.router import add_pages, static_pages
from myapp.web.session import SessionCookie

GRACE = 5.0
"""Seconds that events under way are given to finish when the server stops."""

settings = load_settings()
session.use(SessionCookie(settings))
access_tokens.use(AccessTokens(settings))

api = FastAPI(title="MyApp", docs_url=None, redoc_url=None, openapi_url=None)
api.include_router(session_router(settings))
api.include_router(account_router())
api.include_router(files_router())
api.include_router(tokens_router())
api.include_router(own_data_router())
api.include_router(health_router())
api.include_router(metrics_router(settings.metrics_token))
answer_errors(api)
if settings.keeps_mail:
    api.include_router(mailbox_router())
api.include_router(uploads_router())
api.include_router(stored_files_router())

edge = partial(
    Edge,
    built=bundle.WEB / "build" / "client",
    pages=static_pages(),
    is_https=settings.public_url.startswith("https://"),
)
measured = partial(MeasuredRequests, page_of=lambda path: app.router(path))
app = channels.App(
    reset_style=False,
    toaster=None,
    app_wraps=wraps(),
    head_components=head(),
    api_transformer=[api, measured, edge],
    backend_exception_handler=on_backend_error,
    frontend_exception_handler=on_frontend_error,
)
app.endpoint = channels.endpoint()
add_pages(app)

door = Door(app)
followers = Followers(door.deliver)
subscriptions.use(followers)
door.when_closed(followers.unfollow)


wing = [
    Child("channels", app.endpoint.running, shutdown=10),
    Child("figures of the web", partial(telemetry.polling, [app.endpoint.figures, door.figures])),
]


@app.register_lifespan_task
@asynccontextmanager
async def lifespan() -> AsyncGenerator[None]:
    """Reflex would stop its events after this; they are stopped here, while there still is a database to write to."""
    # The server is what ends a process in good order: it is asked to when the tree gives up.
    end = partial(signal.raise_signal, signal.SIGTERM)
    async with application.running(settings, settings.mode, live=wing, on_end=end):
        lifetime.settle()
        yield
        await app.event_processor.stop(graceful_shutdown_timeout=GRACE)
