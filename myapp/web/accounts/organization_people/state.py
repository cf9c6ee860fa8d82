"""An organisation's people: a page of them, or of those who were invited, as the address says."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal, TypedDict
from uuid import UUID

import reflex as rx

from myapp import accounts
from myapp.accounts import InvitationCard, PersonCard
from myapp.kit import routes
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.pagination import OffsetPage
from myapp.kit.scope import Scope
from myapp.web.components import dialog_link
from myapp.web.events import server_event
from myapp.web.ids import as_id
from myapp.web.live.subscriptions import follow
from myapp.web.paging import page_asked_for
from myapp.web.reading import read_again
from myapp.web.session import argument, path_of, query, scope_of

PAGE = 20


class PersonRow(TypedDict):
    """Somebody in the list. `url` opens who it is, `removal_url` the question; empty where the reader may not."""

    id: str
    name: str
    username: str
    avatar: str
    email: str
    is_placeholder: bool
    role: str
    joined_at: str
    url: str
    removal_url: str
    is_self: bool


class InvitedRow(TypedDict):
    """Somebody who was invited and has not come yet."""

    id: str
    email: str
    role: str
    inviter: str
    sent_at: str
    is_expired: bool
    revocation_url: str


class GroupOption(TypedDict):
    """A group to look at alone."""

    id: str
    name: str


class OrgPeopleState(rx.State):
    """What the address asks for, read with the reader's own eyes."""

    path: str = ""  # the address it was loaded for
    people: list[PersonRow] = []
    invited: list[InvitedRow] = []
    groups: list[GroupOption] = []
    words: str = ""
    group: str = ""
    manages_group: bool = False  # the reader may fill the group that is looked at
    shows_invited: bool = False
    can_invite: bool = False
    page: int = 1
    pages: int = 1
    total: int = 0
    invited_total: int = 0
    previous: str = ""
    next: str = ""

    @server_event
    async def load(self) -> None:
        """Read the page, and follow what happens to the people in it."""
        scope = await scope_of(self)
        if scope.org_id is None:
            raise NotFound
        follow(self, accounts.topic_people(scope.org_id), OrgPeopleState.changed)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, _events: list) -> Any:
        """Somebody came, went or has another role: perhaps the reader, who may then see less, or nothing."""
        return await read_again(self, self._read)

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        self.can_invite = accounts.can(scope, "invite")
        self.words = asked.get("q", "")
        self.groups = [GroupOption(id=str(each.id), name=each.name) for each in await accounts.list_groups(scope)]
        self.group = asked.get("group", "") if any(each["id"] == asked.get("group") for each in self.groups) else ""
        self.manages_group = bool(self.group) and accounts.can(scope, "manage_groups")
        self.shows_invited = self.can_invite and asked.get("show") == "invited"
        number = page_asked_for(asked)
        self.people, self.invited = [], []
        if self.shows_invited:
            await self._read_invited(scope, number)
        else:
            await self._read_people(scope, number)

    async def _read_people(self, scope: Scope, number: int) -> None:
        group_id = UUID(self.group) if self.group else None
        found = await accounts.list_people(scope, self.words, group_id=group_id, page=number, page_size=PAGE)
        self._turn_to(found)
        self.people = [self._person_row(scope, each) for each in found.entries]
        if self.can_invite:
            self.invited_total = (await accounts.list_invitations(scope, page_size=1)).total_count

    async def _read_invited(self, scope: Scope, number: int) -> None:
        found = await accounts.list_invitations(scope, page=number, page_size=PAGE)
        self._turn_to(found)
        self.invited_total = found.total_count
        self.invited = [self._invited_row(each) for each in found.entries]

    def _turn_to(self, found: OffsetPage[Any]) -> None:
        self.page, self.pages, self.total = found.page, found.total_pages, found.total_count
        self.previous = self.url(page=found.page - 1) if found.page > 1 else ""
        self.next = self.url(page=found.page + 1) if found.page < found.total_pages else ""

    def url(self, *, page: int = 0, dialog: Literal["", "person", "remove", "revoke"] = "", of: str = "") -> str:
        """The list as it is asked for, on another page or with a dialog open over it."""
        return routes.organization_people(
            argument(self, "org_slug"),
            q=self.words,
            group=self.group,
            show="invited" if self.shows_invited else "",
            page=str(page or self.page) if (page or self.page) > 1 else "",
            of=of,
        ) + (dialog_link(f"{dialog}-{of}") if dialog else "")

    def _person_row(self, scope: Scope, card: PersonCard) -> PersonRow:
        person_id = str(card.user_id)
        is_self = card.user_id == scope.user_id
        may_remove = accounts.can(scope, "remove_member", card) and not is_self
        return PersonRow(
            id=person_id,
            name=card.name,
            username=card.username,
            avatar=routes.avatar(card.avatar_key),
            email=card.email,
            is_placeholder=accounts.is_placeholder(card.email),
            role=card.role.value,
            joined_at=card.joined_at.isoformat(),
            url=self.url(dialog="person", of=person_id) if self.can_invite else "",
            removal_url=self.url(dialog="remove", of=person_id) if may_remove else "",
            is_self=is_self,
        )

    def _invited_row(self, card: InvitationCard) -> InvitedRow:
        return InvitedRow(
            id=str(card.id),
            email=card.email,
            role=card.role.value,
            inviter=card.inviter,
            sent_at=card.sent_at.isoformat(),
            is_expired=card.expires_at <= now(),
            revocation_url=self.url(dialog="revoke", of=str(card.id)),
        )


def chosen(state: rx.State) -> UUID | None:
    """Whom the dialog in the address is about."""
    with suppress(NotFound):
        return as_id(query(state).get("of"))
    return None
