"""All people of the site, for operators: a page of them, as the address says."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypedDict

import reflex as rx

from myapp import accounts
from myapp.accounts import SudoRequired, UserCard, Whom
from myapp.kit import routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Scope
from myapp.web.components import dialog_link
from myapp.web.events import event, server_event
from myapp.web.ids import as_id
from myapp.web.live.again import ask
from myapp.web.live.subscriptions import follow
from myapp.web.paging import page_asked_for
from myapp.web.reading import read_again
from myapp.web.session import path_of, query, scope_of
from myapp.web.shell import flash, push

PAGE = 20


class UserRow(TypedDict):
    """Somebody in the list; `url` opens who it is."""

    id: str
    name: str
    username: str
    avatar: str
    email: str
    is_placeholder: bool
    is_operator: bool
    is_confirmed: bool  # or there is no address to confirm
    is_deactivated: bool
    joined_at: str
    organizations: int
    url: str


class UsersState(rx.State):
    """What the address asks for, and the person whom it names."""

    path: str = ""  # the address it was loaded for
    users: list[UserRow] = []
    words: str = ""
    show: str = ""
    page: int = 1
    pages: int = 1
    total: int = 0
    previous: str = ""
    next: str = ""
    user_id: str = ""
    name: str = ""
    username: str = ""
    avatar: str = ""
    email: str = ""
    is_placeholder: bool = False
    joined_at: str = ""
    organizations: int = 0
    is_self: bool = False
    is_operator: bool = False
    is_confirmed: bool = False
    is_deactivated: bool = False

    @server_event
    async def load(self) -> None:
        """Read the page, and follow what happens to people."""
        scope = await scope_of(self)
        follow(self, accounts.USERS, UsersState.changed)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, _events: list) -> Any:
        """Somebody was kept out, or let in, or came: perhaps the reader, who may then see nothing."""
        return await read_again(self, self._read)

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        self.words, self.show = asked.get("q", ""), ""
        whom = Whom.ALL
        with suppress(ValueError):
            whom = Whom(asked.get("show", "all"))
        self.show = "" if whom is Whom.ALL else whom.value
        found = await accounts.list_users(scope, self.words, whom=whom, page=page_asked_for(asked), page_size=PAGE)
        self.page, self.pages, self.total = found.page, found.total_pages, found.total_count
        self.previous = self._url(page=found.page - 1) if found.page > 1 else ""
        self.next = self._url(page=found.page + 1) if found.page < found.total_pages else ""
        self.users = [self._row(each) for each in found.entries]
        await self._read_person(scope, asked.get("of", ""))

    async def _read_person(self, scope: Scope, named: str) -> None:
        self.user_id = ""
        with suppress(NotFound):
            card = await accounts.fetch_user_card(scope, as_id(named))
            if card is not None:
                row = self._row(card)
                self.name, self.username, self.email = row["name"], row["username"], row["email"]
                self.avatar, self.is_placeholder = row["avatar"], row["is_placeholder"]
                self.joined_at, self.organizations = row["joined_at"], row["organizations"]
                self.is_operator, self.is_confirmed = row["is_operator"], row["is_confirmed"]
                self.is_deactivated, self.is_self = row["is_deactivated"], card.id == scope.user_id
                self.user_id = row["id"]

    def _row(self, card: UserCard) -> UserRow:
        return UserRow(
            id=str(card.id),
            name=card.name,
            username=card.username,
            avatar=routes.avatar(card.avatar_key),
            email=card.email,
            is_placeholder=accounts.is_placeholder(card.email),
            is_operator=card.is_operator,
            is_confirmed=card.confirmed_at is not None or accounts.is_placeholder(card.email),
            is_deactivated=card.deactivated_at is not None,
            joined_at=card.inserted_at.isoformat(),
            organizations=card.organizations,
            url=self._url(of=str(card.id)) + dialog_link(f"person-{card.id}"),
        )

    def _url(self, *, page: int = 0, of: str = "") -> str:
        number = page or self.page
        return routes.users(q=self.words, show=self.show, page=str(number) if number > 1 else "", of=of)

    @event
    async def deactivate(self) -> Any:
        """Log the person out everywhere, and keep them out."""
        await accounts.deactivate_user(await scope_of(self), as_id(self.user_id))
        return [push("close_dialog"), flash(_("%(name)s is kept out.") % {"name": self.name})]

    @event
    async def reactivate(self) -> Any:
        """Let the person in again."""
        await accounts.reactivate_user(await scope_of(self), as_id(self.user_id))
        return [push("close_dialog"), flash(_("%(name)s may log in again.") % {"name": self.name})]

    @event
    async def make_operator(self) -> Any:
        """Let the person run the site."""
        try:
            await accounts.set_operator(await scope_of(self), as_id(self.user_id), on=True)
        except SudoRequired:
            return ask(UsersState.make_operator)
        return [push("close_dialog"), flash(_("%(name)s runs the site now.") % {"name": self.name})]

    @event
    async def make_no_operator(self) -> Any:
        """Let the person run the site no longer."""
        try:
            await accounts.set_operator(await scope_of(self), as_id(self.user_id), on=False)
        except SudoRequired:
            return ask(UsersState.make_no_operator)
        return [push("close_dialog"), flash(_("%(name)s does not run the site any more.") % {"name": self.name})]
