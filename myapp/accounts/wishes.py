"""What people wish: everybody for themselves."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from myapp.accounts.schemas import UserSettings
from myapp.accounts.schemas.changesets import settings_changeset
from myapp.kit import repo
from myapp.kit.changeset import Attrs
from myapp.kit.errors import Forbidden, Invalid, Unauthenticated
from myapp.kit.repo import reading, savepoint, transaction
from myapp.kit.scope import Scope


async def get_settings(scope: Scope) -> UserSettings:
    """The person's own; those of the defaults for who has chosen nothing yet. Raises Unauthenticated."""
    user_id = _person(scope)
    async with reading(scope):
        return await _found(user_id) or UserSettings(user_id=user_id)


async def update_settings(scope: Scope, attrs: Attrs) -> UserSettings:
    """Change one's own. Raises Invalid and Unauthenticated."""
    user_id = _person(scope)
    async with transaction(scope):
        known = await _found(user_id)
        if known is None:
            try:
                async with savepoint():
                    return await repo.insert(settings_changeset(UserSettings(user_id=user_id), attrs))
            except Invalid as refusal:
                if not refusal.changeset.has_error("user_id"):
                    raise
                known = await _found(user_id)  # from another window, at the same moment
        if known is None:
            raise Forbidden
        return await repo.update(settings_changeset(known, attrs))


async def _found(user_id: UUID) -> UserSettings | None:
    session = repo.current_session()
    return (await session.exec(select(UserSettings).where(UserSettings.user_id == user_id))).one_or_none()


def _person(scope: Scope) -> UUID:
    if scope.user_id is None:
        raise Forbidden if scope.is_system else Unauthenticated
    return scope.user_id
