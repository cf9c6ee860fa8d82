"""Health and figures of a process that serves nobody else, on a port of their own: what watches a worker asks there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import override

import uvicorn
from fastapi import FastAPI

from myapp.config import Settings
from myapp.web.api.errors import answer_errors
from myapp.web.api.health import health_router
from myapp.web.api.metrics import metrics_router
from myapp.web.edge import Edge

_NO_PAGES = Path("/nonexistent")


@asynccontextmanager
async def side_door(settings: Settings, listener: socket.socket) -> AsyncGenerator[asyncio.Task[None]]:
    """Answer on this port until the end of the block; what comes is the task that does."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    api.include_router(health_router())
    api.include_router(metrics_router(settings.metrics_token))
    answer_errors(api)
    config = uvicorn.Config(
        Edge(api, built=_NO_PAGES),
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,  # what it logs goes where everything goes
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener.dup()]), name="side door")  # the server closes its own
    try:
        yield serving
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """One among other things that a process does, which leaves signals to it."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
