"""How a command runs what the rooms offer, and how it says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import typer

from myapp import application
from myapp.config import load_settings


def in_application[T](work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with the database and PubSub, as a page's handler has them; open pages hear of what it does."""

    async def run() -> T:
        async with application.running(load_settings(), "command"):
            return await work()

    return asyncio.run(run())


def report(problems: list[str]) -> None:
    """Each on a line of its own, and exit code 1; nothing where there are none."""
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
