"""From which address that comes which is done here: set at the edges, and asked by the audit trail.

    whence.comes_from(address)      # an HTTP request, a live event, a message of a channel begins
    whence.address()                # None where nobody's request is at hand, as in a job

It lies in a context variable, so it follows `await`, and tasks that are started meanwhile have it, too.
"""

from __future__ import annotations

from contextvars import ContextVar
from ipaddress import ip_address

_address: ContextVar[str] = ContextVar("address", default="")


def comes_from(address: str) -> None:
    """From here on everything in this task is done from this address; "" is nobody's."""
    _address.set(address)


def address() -> str | None:
    """Where it comes from, as PostgreSQL's `inet` takes it; None where that is not known.

    >>> comes_from("192.0.2.7"); address()
    '192.0.2.7'
    >>> comes_from("fe80::1%eth0"); address()
    'fe80::1'
    >>> comes_from("testclient"); print(address())
    None
    """
    try:
        return str(ip_address(_address.get().partition("%")[0]))
    except ValueError:
        return None
