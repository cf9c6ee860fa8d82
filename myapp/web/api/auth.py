"""Who a program is that shows `Authorization: Bearer …`: an API key, or an access token of its own log-in.

    scope = await scope_of_bearer(bearer_in(request.headers["authorization"]), "demo")

Whoever shows something that is worth nothing is refused, and not taken for a visitor.
"""

from __future__ import annotations

from uuid import UUID

from myapp import accounts
from myapp.kit.errors import Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.scope import Scope
from myapp.web.api.access_tokens import access_tokens

_KEY = "myapp_"


class InvalidAccessToken(Unauthenticated):
    """It is forged, too old, or none at all."""

    message = gettext_noop("This token is not valid any more. Renew it, or log in again.")


async def scope_of_bearer(token: str, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who it is that shows this, in the organisation of this slug or id.

    Raises Unauthenticated, and NotFound for a place
    that they may not know of.
    """
    if is_api_key(token):
        return await accounts.scope_for_api_key(token, org_slug, org_id=org_id)
    family_id = access_tokens().read(token)
    if family_id is None:
        raise InvalidAccessToken
    return await accounts.scope_for_program(family_id, org_slug, org_id=org_id)


def bearer_in(header: str) -> str:
    """What an Authorization header shows (RFC 6750). Raises InvalidAccessToken for any other kind."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidAccessToken
    return token.strip()


def is_api_key(token: str) -> bool:
    """Whether it claims to be a key."""
    return token.startswith(_KEY)
