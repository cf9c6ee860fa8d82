"""What every endpoint asks of a request: who sends it, from where, and whether a page of ours made it."""

from __future__ import annotations

from ipaddress import ip_address
from uuid import UUID

from fastapi import HTTPException, Request, status

from myapp import accounts
from myapp.accounts import Device
from myapp.kit.scope import Scope
from myapp.web.one_origin import is_same_origin
from myapp.web.session import cookie


def require_same_origin(request: Request) -> None:
    """Refuse a post that another site made a browser send, and one that does not say where it comes from."""
    if not is_same_origin(request.headers.get("origin", ""), request.scope):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This form belongs to another site.")


async def scope_of_request(request: Request, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who sends this request, in the organisation its address names. Raises NotFound for one they may not know of."""
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
