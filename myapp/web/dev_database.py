"""Keeps the embedded PostgreSQL up while `reflex run` replaces its backend after every saved file."""

from __future__ import annotations

import os
from typing import Any, override

import reflex as rx

from myapp import database
from myapp.config import Settings


class HoldDatabase(rx.plugins.Plugin):
    """Makes the process that outlives every reload a user of the database; the backend migrates and fills it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @override
    def pre_compile(self, **context: Any) -> None:
        if os.environ.get("__REFLEX_COMPILE_CONTEXT") == "run":  # an export needs no database
            database.owner_address(self._settings)
