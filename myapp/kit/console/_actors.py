"""The servers of a process, and what each of them keeps: `:sys.get_state/1` of an Erlang node."""

from __future__ import annotations

from typing import Any

from myapp.kit.clock import now
from myapp.kit.supervisor import Actor, held
from myapp.kit.supervisor import actor as find
from myapp.kit.supervisor import actors as alive


def actors() -> str:
    """Every server: its number, class, child, mailbox, what it does and where, what it holds, and its age."""
    return "\n".join(map(_line, alive())) or "no server runs"


def state(of: str | int) -> Any:
    """What a server keeps, as its last callback left it: the thing itself, not a copy. `of` is its number, its child or
    its class. Raises LookupError.
    """
    return find(of).state


def _line(actor: Actor) -> str:
    size = held(actor.state, *actor.messages())
    does = f"{actor.callback} at {actor.stands_at}" if actor.callback else "waits"
    about = "" if size.is_all else "over "
    age = (now() - actor.since).total_seconds()
    named = f"{actor.number} {type(actor).__name__}" + (f" ({actor.child})" if actor.child else "")
    return f"{named}: {does}, {len(actor.messages())} messages, {about}{size.size:,} bytes, for {age:,.0f} s"
