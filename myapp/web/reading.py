"""How a page reads again what it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import reflex as rx

from myapp.kit.errors import AppError
from myapp.kit.scope import Scope
from myapp.web.session import scope_of
from myapp.web.shell import ShellState


async def read_again(state: rx.State, read: Callable[[Scope], Awaitable[None]]) -> Any:
    """Have it read; whoever may not see it any more enters the page anew, and is told so."""
    try:
        await read(await scope_of(state))
    except AppError:
        return ShellState.enter
    return None
