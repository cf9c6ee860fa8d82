"""What this process knows of itself, as it answers others who ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from myapp.kit import logs, run_log
from myapp.ops.figures import own_group
from myapp.ops.figures import pack as pack_group
from myapp.ops.own_log import own_lines, pack_lines
from myapp.ops.processes import own_running
from myapp.ops.statements import own_database_use
from myapp.ops.stores import own_stores
from myapp.ops.travelling import pack


def known(question: str) -> str:
    """What it can say at once; nothing of what it does not understand."""
    kind, _, subject = question.partition(":")
    match kind:
        case "who":
            return "here"
        case "figures":
            found = own_group(subject)
            return pack_group(found) if found else ""
        case "log" | "errors" | "words":
            return pack_lines(own_lines(question))
        case "periodic":
            return pack(run_log.runs())
        case "errors_on":
            return str(logs.errors_on(date.fromisoformat(subject)))
        case _:
            return ""  # of a newer version


async def _running() -> str:
    return pack(await own_running())


async def _stores() -> str:
    return pack(own_stores())


async def _database() -> str:
    return pack(own_database_use())


LOOKS: Mapping[str, Callable[[], Awaitable[str]]] = {"running": _running, "stores": _stores, "database": _database}
"""What only the process is asked for that the question names, `running:<process>`, as it takes a while to look."""
