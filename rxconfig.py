"""Reflex's configuration."""

import reflex as rx

from myapp.web.build import plugins

config = rx.Config(
    app_name="myapp",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=plugins(),
    disable_plugins=[rx.plugins.SitemapPlugin],
    state_manager_mode="memory",
)
