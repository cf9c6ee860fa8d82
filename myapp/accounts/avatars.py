"""Pictures of people: a square that its owner has chosen, encoded anew, under a name that nobody can guess.

A new picture has a new name and the old one goes, so that who keeps copies need never ask whether they still hold.
Whoever sees a person anywhere sees the picture: it is no secret, unlike what else a profile says.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from myapp.accounts.faces import tell_face
from myapp.accounts.schemas import Profile, User
from myapp.accounts.scopes import is_active
from myapp.kit import audit, images, storage
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.images import Crop
from myapp.kit.repo import after_commit, reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick
from myapp.kit.uploads import MB, received, spend_upload, whole

MAX_AVATAR = 5 * MB
SIDE = 192
"""Pixels: the largest it is shown, on the sharpest screens."""

_WHOLE = Crop()


async def update_avatar(scope: Scope, chunks: AsyncIterable[bytes], crop: Crop = _WHOLE) -> str:
    """Show this square of a JPEG, PNG or WebP of at most 5 MB as the person; the key of it.

    Keeps nothing if it raises: FileRefused with the words for the field, RateLimited, Unauthenticated for nobody, and
    Forbidden for a key that may not write.
    """
    user_id = _person(scope)
    await spend_upload(scope)
    async with received(chunks, limit=MAX_AVATAR) as file:
        picture = await images.cropped(file, crop, SIDE)
    key = storage.new_key("avatars", picture.ending)
    await storage.current().put(key, whole(picture.content))
    try:
        await _replace(scope, user_id, key)
    except BaseException:
        await storage.current().delete(key)
        raise
    return key


async def delete_avatar(scope: Scope) -> None:
    """Show initials again. Raises Unauthenticated."""
    await _replace(scope, _person(scope), None)


def _person(scope: Scope) -> UUID:
    """Who may have another picture: asked before anything is read of it."""
    if scope.user_id is None:
        raise Unauthenticated
    if not scope.may_write:
        raise Forbidden
    return scope.user_id


async def _replace(scope: Scope, user_id: UUID, key: str | None) -> None:
    new = insert(Profile).values(id=new_id(), user_id=user_id).on_conflict_do_nothing(index_elements=["user_id"])
    own = scope.outside
    async with transaction(own) as session:
        # The picture took its time: whoever deleted the account meanwhile does not get a face again.
        active = select(User.id).where(col(User.id) == user_id, is_active()).with_for_update(key_share=True)
        if (await session.exec(active)).one_or_none() is None:
            raise Unauthenticated
        await session.exec(new)
        found = select(Profile).where(col(Profile.user_id) == user_id).with_for_update()
        profile = (await session.exec(found, execution_options={"populate_existing": True})).one()
        former, profile.avatar_key = profile.avatar_key, key
        if former == key:
            return
        if former:
            after_commit(partial(storage.current().delete, former))
        await audit.record(own, f"accounts.avatar.{'updated' if key else 'deleted'}", "user", user_id)
        await tell_face(user_id)


async def sweep_avatars(scope: Scope) -> int:
    """Delete pictures that are nobody's for longer than a day; how many. Only the system does."""
    if not scope.is_system or scope.org_id is not None:
        raise Forbidden

    async def known(names: list[str]) -> set[str]:
        among = col(Profile.avatar_key) == sa.any_(sa.cast(names, sa.ARRAY(sa.String())))
        async with reading(scope):
            return {row["avatar_key"] for row in await fetch(pick(col(Profile.avatar_key)).where(among))}

    return await storage.delete_unknown(storage.current(), "avatars", known)
