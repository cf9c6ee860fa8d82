"""Whoever a client says it is."""

from __future__ import annotations

from uuid import UUID

from myapp.accounts import Principal
from myapp.kit.channels import Handshake, Identity


async def whoever_it_says(handshake: Handshake) -> Identity:
    user = handshake.params.get("user")
    return Identity(user or "visitor", assigns={"who": Principal(UUID(user) if user else None)})
