"""Everything that runs is a child of somebody who restarts it when it crashes, stops it in time, and can be asked.

    children = [ChildSpec("database", database.running), ChildSpec("mailer", mailer.running)]
    async with supervised("myapp", children, strategy="rest_for_one") as root:
        root.tree()                 # what runs, since when, and what it last crashed of
        root.kill("database")       # it is back at once, and the mailer, which was started after it

A child is an async context manager: what comes before `yield` starts it, what comes after stops it. A background loop
belongs into `beside(…)`, so that its crash is the child's.

What always holds: children start in order, each when the one before it is up, and stop in reverse; one that takes
longer to stop than it may is cancelled; a supervisor does one thing at a time; when it has restarted more than three
times in five seconds it stops everything beneath it and fails, and whoever is above decides.

Besides: `dynamic` (children that come and go), `Server` and `Agent` (state that one task owns), `Registry` (names),
`monitor` and `link`, and `Tasks` (begun and left to itself). `actors`, `child_of`, `stands_at` and `held` are for those
who look at what runs; nothing is collected while nobody does.

Erlang's `supervisor`: docs/decisions/0032-supervision.md says what is different.
"""

from __future__ import annotations

from myapp.kit.supervisor._actors import Actor, actor, actors
from myapp.kit.supervisor._agent import Agent
from myapp.kit.supervisor._beside import beside
from myapp.kit.supervisor._held import Held, held, size_of
from myapp.kit.supervisor._outcome import CallTimeout, Continue, NotAlive, Outcome, Reply, Stop
from myapp.kit.supervisor._process import Down, Process, link, monitor
from myapp.kit.supervisor._registry import Registry
from myapp.kit.supervisor._root import as_root, root
from myapp.kit.supervisor._server import Server
from myapp.kit.supervisor._spec import (
    AlreadyThere,
    ChildSpec,
    GaveUp,
    Killed,
    Node,
    NoSuchChild,
    Restart,
    State,
    Strategy,
    SupervisorError,
    TooManyChildren,
)
from myapp.kit.supervisor._standing import child_of, frames, place, stands_at
from myapp.kit.supervisor._supervised import dynamic, nested, supervised
from myapp.kit.supervisor._supervisor import Supervisor
from myapp.kit.supervisor._tasks import Tasks

__all__ = [
    "Actor",
    "Agent",
    "AlreadyThere",
    "CallTimeout",
    "ChildSpec",
    "Continue",
    "Down",
    "GaveUp",
    "Held",
    "Killed",
    "NoSuchChild",
    "Node",
    "NotAlive",
    "Outcome",
    "Process",
    "Registry",
    "Reply",
    "Restart",
    "Server",
    "State",
    "Stop",
    "Strategy",
    "Supervisor",
    "SupervisorError",
    "Tasks",
    "TooManyChildren",
    "actor",
    "actors",
    "as_root",
    "beside",
    "child_of",
    "dynamic",
    "frames",
    "held",
    "link",
    "monitor",
    "nested",
    "place",
    "root",
    "size_of",
    "stands_at",
    "supervised",
]
