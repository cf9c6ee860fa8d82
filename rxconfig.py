"""Reflex's configuration, which every process of Reflex imports first: before it looks for its tools."""

import sys

from myapp.config import ConfigError, load_settings
from myapp.toolchain import prepare

try:
    settings = load_settings()
except ConfigError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None
prepare(settings)

import reflex as rx  # noqa: E402 - it reads the environment that `prepare` has set

from myapp.web.build import plugins  # noqa: E402
from myapp.web.dev_database import HoldDatabase  # noqa: E402

config = rx.Config(
    app_name="myapp",
    frontend_port=settings.port,
    backend_host=settings.host,
    deploy_url=settings.public_url,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[*plugins(), HoldDatabase(settings)],
    disable_plugins=[rx.plugins.SitemapPlugin],
    cors_allowed_origins=[],  # pages, API and sockets have one origin, and no other may read from it
)
