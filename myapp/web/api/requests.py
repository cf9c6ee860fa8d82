"""What every endpoint asks of a request: who sends it, from where, and whether a page of ours made it."""

from __future__ import annotations

from ipaddress import ip_address
from uuid import UUID

from fastapi import HTTPException, Request, status

from myapp import accounts
from myapp.accounts import Device
from myapp.kit.scope import Scope
from myapp.web.api.auth import bearer_in, scope_of_bearer
from myapp.web.one_origin import is_same_origin
from myapp.web.session import cookie

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_same_origin(request: Request) -> None:
    """Refuse a post that another site made a browser send, and one that does not say where it comes from."""
    if not is_same_origin(request.headers.get("origin", ""), request.scope):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This form belongs to another site.")


async def scope_of_request(request: Request, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who sends this request, by `Authorization: Bearer` or the session cookie, in the organisation its address names.

    No browser sends a bearer by itself. A cookie goes with every form and script, so what comes with one and may change
    something is refused unless a page of ours has sent it. Raises Unauthenticated for a bearer that is worth nothing,
    and NotFound for an organisation they may not know of.
    """
    shown = request.headers.get("authorization")
    if shown is not None:
        return await scope_of_bearer(bearer_in(shown), org_slug, org_id=org_id)
    if request.method not in _SAFE:
        require_same_origin(request)
    token = cookie().token_in(request.headers.get("cookie", ""))
    return await accounts.scope_for_session(token, org_slug, org_id=org_id)


def device_of(request: Request) -> Device:
    """Where it comes from. Of what a proxy says the server has believed only those that the settings trust."""
    return Device(_address(request.client.host if request.client else ""), request.headers.get("user-agent", ""))


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:  # a socket file, or a test
        return None
