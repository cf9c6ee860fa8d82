"""A console into a running process, for whoever may be that user on that machine: `python -m myapp attach`.

    async with console.running(settings.data_dir, {"root": supervisor.root}, note=keep_who):
        ...

What always holds: it is a socket file that nobody but this user may open, whoever connects is asked for by number
(`SO_PEERCRED`), who does is noted by whoever keeps that, and everything that is typed is in the log. What is typed runs
in the process's own loop, so that it sees what everything else sees, and waits for it with `await`. Who goes away has
what runs for them cancelled; one that blocks the loop blocks the product, as anywhere.

`iex --remsh`, `recon_trace` and `observer` of an Erlang node.
"""

from myapp.kit.console._actors import actors, state
from myapp.kit.console._client import Connection, ConsoleError, processes
from myapp.kit.console._profile import profile
from myapp.kit.console._server import Attached, running
from myapp.kit.console._tasks import stack, tasks
from myapp.kit.console._trace import trace

__all__ = [
    "Attached",
    "Connection",
    "ConsoleError",
    "actors",
    "processes",
    "profile",
    "running",
    "stack",
    "state",
    "tasks",
    "trace",
]
