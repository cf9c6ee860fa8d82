"""How the functions about exports would be called by somebody who has learned the ids of a private organisation."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

from myapp import blog
from myapp.kit.scope import Scope
from tests.factories.world import Call, World


async def unzipped(scope: Scope) -> object:
    """What is in an export."""
    with ZipFile(BytesIO(b"".join([piece async for piece in blog.export_markdown(scope)]))) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


async def fetched(scope: Scope, world: World) -> object:
    """What is in the file."""
    found = await blog.get_export_file(scope, world.export.id)
    return [chunk async for chunk in found.stored.chunks()]


def hear(_topic: str, _event: object) -> None:
    """Nothing of an export is told while the walk goes on."""


async def subscribed(scope: Scope, world: World) -> None:
    """One may listen to one's own organisation, whichever it is that somebody names."""
    subscription = await blog.subscribe_exports(scope, hear)
    subscription.cancel()
    assert scope.org_id != world.organization.id


EXPORTS: dict[str, Call] = {
    "export_markdown": lambda scope, _: unzipped(scope),
    "list_exports": lambda scope, _: blog.list_exports(scope),
    "get_export": lambda scope, w: blog.get_export(scope, w.export.id),
    "get_export_file": fetched,
    "start_export": lambda scope, _: blog.start_export(scope),
    "cancel_export": lambda scope, w: blog.cancel_export(scope, w.export.id),
    "queue_lost_exports": lambda scope, _: blog.queue_lost_exports(scope),
    "run_queued_export": lambda scope, w: blog.run_queued_export(scope, w.export.id),
    "subscribe_exports": subscribed,
    "sweep_exports": lambda scope, _: blog.sweep_exports(scope),
}
