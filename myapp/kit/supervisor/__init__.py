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

Erlang's `supervisor`: docs/decisions/0032-supervision.md says what is different.
"""

from __future__ import annotations

from myapp.kit.supervisor._beside import beside
from myapp.kit.supervisor._root import as_root, root
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
)
from myapp.kit.supervisor._supervised import nested, supervised
from myapp.kit.supervisor._supervisor import Supervisor

__all__ = [
    "AlreadyThere",
    "ChildSpec",
    "GaveUp",
    "Killed",
    "NoSuchChild",
    "Node",
    "Restart",
    "State",
    "Strategy",
    "Supervisor",
    "SupervisorError",
    "as_root",
    "beside",
    "nested",
    "root",
    "supervised",
]
