"""What people may ask of the whole site for themselves: everything that is theirs, and to be gone.

    async for piece in download(scope):                 # a zip of JSON files
        await response.write(piece)
    await delete_account(scope, {"confirmation": "ada", "posts": "keep"})

It stands above the rooms, as it asks each of them; a room that keeps something of people is named here. Whoever deletes
the account is nobody from then on: what says who it was goes, and what others rely on stays, by "Somebody who left".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from myapp import accounts, blog, chat, notifications
from myapp.kit.changeset import Attrs
from myapp.kit.errors import Invalid
from myapp.kit.own_data import Part, owner
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.zip_stream import Sink

ROOMS: Final[tuple[Callable[[Scope], AsyncGenerator[Part]], ...]] = (
    accounts.own_data,
    blog.own_data,
    chat.own_data,
    notifications.own_data,
)
_LEAVING = Scope.system("somebody deletes the account")


async def download(scope: Scope) -> AsyncGenerator[bytes]:
    """The bytes of a zip with a JSON file for each kind of thing, piece by piece.

    Raises Unauthenticated, and Forbidden for who acts by a key, before the first.
    """
    owner(scope)
    sink = Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for own_data in ROOMS:
            async for piece in _written(archive, sink, own_data(scope)):
                yield piece
    yield sink.taken()


async def _written(archive: ZipFile, sink: Sink, found: AsyncGenerator[Part]) -> AsyncGenerator[bytes]:
    """Each file is one list, however many parts it comes in."""
    name, entry, is_first = "", None, True
    async for part in found:
        if part.name != name:
            if entry is not None:
                entry.write(b"]\n")
                entry.close()
            name, entry, is_first = part.name, archive.open(f"{part.name}.json", "w"), True
            entry.write(b"[")
        for row in part.rows:
            if entry is not None:
                entry.write((b"\n" if is_first else b",\n") + orjson.dumps(row, default=_plain))
            is_first = False
        yield sink.taken()
    if entry is not None:
        entry.write(b"]\n")
        entry.close()


def _plain(value: object) -> object:
    """What JSON has no word for: embedded models by their fields, anything else by its text."""
    dump = getattr(value, "model_dump", None)
    return dump() if dump is not None else str(value)


async def delete_account(scope: Scope, attrs: Attrs) -> None:
    """Let the person go: all of it, or nothing. `attrs`: confirmation (the username), posts ("keep" or "delete").

    Raises SudoRequired, Invalid, and OwnsAlone for who has to leave an organisation to somebody first.
    """
    await accounts.require_sudo(scope)
    changeset = await accounts.change_leaving(scope, attrs)
    if not changeset.valid:
        raise Invalid(changeset)
    async with transaction(_LEAVING):
        await accounts.require_may_leave(scope)
        if changeset.get_change("posts") == "delete":
            await blog.delete_own_posts(scope)
        await chat.leave_all_rooms(scope)
        await notifications.delete_own_notifications(scope)
        await accounts.anonymise_person(scope)
