"""Names that one process of the cluster holds at a time: Erlang's `:global`.

    async with names.hold("digest of org 1") as claim:      # raises NameTaken, with who holds it
        ...                                                 # cancelled, and NameLost, when it is lost
        claim.token                                         # greater than any holder's before

    claim = await names.register("room:1", owner=room, on_lost=room.close)
    await names.lookup("room:1")                            # Holder(node, token, since), from any process; or None
    await names.taken(["room:1", "room:2"])                 # those that somebody holds, or is about to
    forget = names.monitor("room:1", callback)              # Changed(name, holder), within a second

    async with names.standing_for("scheduler") as candidate:
        if await candidate.leads(): ...                     # one process of all, until it goes

What always holds: a name is a lock that PostgreSQL gives a session, so whoever dies, by kill -9 too, has lost it at
once. Who was not heard to let go is waited for: a holder whose session does not answer for `LEASE` seconds has lost its
names and is told; who gets one that was not given back is told `LEASE + STEP_DOWN` seconds later, when the former
holder has stepped down. That is the price of honesty when PostgreSQL restarts, or the net between it and a holder is
cut: nobody holds the name for these seconds. What is given back is free at once.

The one thing that this cannot see is a process that stands still (SIGSTOP, a machine that is moved) and loses its
session meanwhile: it steps down when it goes on. Who writes to somewhere else sends the token along, and lets the
greater win.
"""

from __future__ import annotations

from myapp.kit.names._candidate import Candidate, standing_for
from myapp.kit.names._claim import Claim, Holder, NameLost, NamesUnreachable, NameTaken
from myapp.kit.names._monitor import Changed
from myapp.kit.names._table import cluster_names
from myapp.kit.names._verbs import forget_unused, hold, lookup, monitor, register, release, running, taken

__all__ = [
    "Candidate",
    "Changed",
    "Claim",
    "Holder",
    "NameLost",
    "NameTaken",
    "NamesUnreachable",
    "cluster_names",
    "forget_unused",
    "hold",
    "lookup",
    "monitor",
    "register",
    "release",
    "running",
    "standing_for",
    "taken",
]
