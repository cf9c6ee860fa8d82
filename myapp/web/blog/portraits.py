"""What rows of the blog show of whoever wrote them, when that is somebody else's name or picture now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar
from uuid import UUID

from myapp import accounts
from myapp.kit import routes
from myapp.kit.scope import Scope
from myapp.kit.streams import Row

_SHOWN = Scope.system("who wrote what is shown is seen by whoever sees it")


class ShowsAuthors:
    """For a source whose rows have `author_id` and `author`, and perhaps `author_username` and `author_avatar`."""

    person_field: ClassVar[str] = "author_id"

    def changed_person(self, event: object) -> str | None:
        """See `ShowsPeople`."""
        return str(event.user_id) if isinstance(event, accounts.FaceChanged) else None

    async def portraits(self, ids: Collection[str]) -> Mapping[str, Row]:
        """See `ShowsPeople`."""
        faces = await accounts.fetch_faces(_SHOWN, [UUID(each) for each in ids])
        return {
            str(each.user_id): {
                "author": each.name,
                "author_username": each.username,
                "author_avatar": routes.avatar(each.avatar_key),
            }
            for each in faces
        }
