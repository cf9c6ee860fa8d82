"""Who is in a private room as a stream, by name: `stream:members:<room>`.

The list is for members of the organisation who may read the room, and is the same for all of them. Public rooms have
none: whoever reads one is in it, of which nobody is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from myapp import accounts, chat
from myapp.accounts import Principal, Visibility
from myapp.chat import RoomPerson
from myapp.kit import routes
from myapp.kit.channels import Refused
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Scope
from myapp.kit.streams import All, Key, Page, Row
from myapp.web.chat.places import place_of_room
from myapp.web.ids import named_id

PAGE = 50
MEMBERS = "stream:members"
_ORDER = "sort_name asc,id asc"


class MemberRow(TypedDict):
    """Somebody who is in the room."""

    id: str
    name: str
    username: str
    avatar: str


@dataclass(frozen=True)
class RoomMembers:
    """Those who are in a room."""

    org_id: UUID
    room_id: UUID
    person_field: ClassVar[str] = "id"

    def changed_person(self, event: object) -> str | None:
        return str(event.user_id) if isinstance(event, accounts.FaceChanged) else None

    async def portraits(self, ids: Collection[str]) -> Mapping[str, Row]:  # noqa: ARG002 - see `ShowsPeople`
        """The people are the rows, which are loaded."""
        return {}

    @property
    def topics(self) -> Collection[str]:
        return [chat.topic_rooms(self.org_id), accounts.MEMBERSHIPS, accounts.FACES]

    @property
    def doors(self) -> Collection[str]:
        return [chat.topic_rooms(self.org_id)]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case chat.RoomMemberAdded() | chat.RoomMemberRemoved() if event.room_id == self.room_id:
                return [str(event.user_id)]
            case accounts.MembershipCreated() | accounts.MembershipDeleted() if event.org_id == self.org_id:
                return [str(event.user_id)]
            case _:
                return ()

    def shuts_out(self, event: object, who: Principal) -> bool:
        match event:
            case chat.RoomMemberRemoved():
                return event.room_id == self.room_id and event.user_id == who.user_id
            case chat.RoomUpdated() | chat.RoomDeleted():
                return event.room_id == self.room_id
            case _:
                return False

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        try:
            people = await chat.fetch_room_members(self._scope, self.room_id, [UUID(each) for each in ids])
        except NotFound:  # the room was deleted: its followers are shown out
            people = []
        return [_row(person) for person in people]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        """Raises NotFound also for a room that was deleted: who follows it was shown out."""
        page = await chat.list_room_members(
            self._scope,
            self.room_id,
            after=cursor_at(_ORDER, after),
            before=cursor_at(_ORDER, before),
            limit=PAGE,
        )
        return Page.of(page, _row, before=before)

    @property
    def _scope(self) -> Scope:
        return Scope.system("all who may see the members of a room see the same", self.org_id)


def _row(person: RoomPerson) -> Row:
    avatar = routes.avatar(person.avatar_key)
    row = MemberRow(id=str(person.user_id), name=person.name, username=person.username, avatar=avatar)
    # Without a version of its own: what was looked up last comes last.
    return {**row, "sort": [person.sort_name], "version": 0}


def members_topic(room_id: UUID) -> str:
    """What a page follows of those who may see who is in a private room."""
    return f"{MEMBERS}:{room_id}"


async def open_members(who: Principal, arguments: Sequence[str], query: str) -> RoomMembers:
    """See `Open`: a private room that the person may read, as a member of its organisation."""
    if len(arguments) != 1 or query:
        raise Refused("unmatched topic")
    scope, room = await place_of_room(who, named_id(arguments[0]))
    if room.visibility != Visibility.PRIVATE:
        raise NotFound
    if not chat.can(scope, "see_members", room):
        raise Forbidden
    return RoomMembers(room.org_id, room.id)
