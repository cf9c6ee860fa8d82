"""How somebody who is here is shown to the others, and shown again once they are called something else."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from myapp import accounts
from myapp.accounts import Face
from myapp.kit import routes
from myapp.kit.channels import Socket
from myapp.kit.presence import Meta, Tracked
from myapp.kit.scope import Scope


def shown_as(person: Face) -> Meta:
    """What is said of whoever is here."""
    return {"name": person.name, "avatar": routes.avatar(person.avatar_key)}


async def show_again(socket: Socket) -> None:
    """The person of this socket is called something else: `assigns["presence"]` says so."""
    person = await accounts.get_face(Scope(cast("UUID", socket.assigns["who"].user_id)), socket.assigns["who"].user_id)
    socket.assigns["name"] = person.name
    cast("Tracked", socket.assigns["presence"]).update(shown_as(person))
