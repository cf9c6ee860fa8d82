"""What surrounds every page: the person, the organisation, flash messages, and what went wrong.

`ShellState.enter` runs first on every page and then lets the page's own loads run. Pages read its vars and send two
kinds of events:

    return [flash(_("Published.")), rx.redirect(routes.post(slug, post.slug))]    a message that survives the redirect
    return push("scroll_to", "comment-7")                                          a word to the browser

A message about success goes away by itself, one about a failure stays until it is read.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, cast
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from myapp import accounts
from myapp.kit import routes
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.i18n import gettext
from myapp.kit.repo import reading
from myapp.kit.scope import Role, Scope
from myapp.web.entries import admit, entry_of
from myapp.web.events import event, server_event
from myapp.web.live.arrival import arrived
from myapp.web.live.subscriptions import follow, unfollow_all
from myapp.web.session import SessionEnded, forget_everything, give_to, here, path_of, require_session, token_of, whose

type Tone = Literal["success", "info", "warning", "error"]
type Word = Literal["scroll_to", "focus", "open_dialog", "close_dialog", "announce", "load"]
type Problem = Literal["", "missing", "forbidden", "failed"]

_KEPT = 5


class FlashMessage(TypedDict):
    """A message above the page."""

    id: int
    tone: str
    text: str
    age: int


class Push(TypedDict):
    """A word to the browser: `messages.js` acts on it once."""

    id: int
    name: str
    detail: str


class Place(TypedDict):
    """An organisation in the switch."""

    slug: str
    name: str


class ShellState(rx.State):
    """The person's view of the site around the page."""

    person_id: str = ""
    person_name: str = ""
    person_username: str = ""
    person_avatar: str = ""
    person_unconfirmed: str = ""  # the mail address that the person has not confirmed yet
    org_slug: str = ""
    org_name: str = ""
    role: str = ""
    is_operator: bool = False
    places: list[Place] = []
    path: str = ""  # the address it was looked at for
    is_loading: bool = True
    problem: str = ""
    problem_text: str = ""
    flashes: list[FlashMessage] = []
    pushes: list[Push] = []
    _address: str = ""  # with what was asked of the page
    _count: int = 0

    @rx.var
    def is_person(self) -> bool:
        """Whether somebody is logged in."""
        return bool(self.person_username)

    @rx.var
    def is_member(self) -> bool:
        """Whether the person belongs to the organisation at hand."""
        return bool(self.role)

    @rx.var
    def is_admin(self) -> bool:
        """Whether the person leads the organisation at hand."""
        return self.role in {Role.ADMIN, Role.OWNER}

    @server_event
    async def enter(self) -> Any:
        """A page was opened: see who it is and where, then let the page load."""
        return await self._enter()

    @server_event
    async def load_anew(self, address: str) -> Any:
        """The same once more, unless the tab has gone on to another page since that was wanted."""
        return await self._enter() if address == self._address else None

    async def _enter(self) -> Any:
        unfollow_all(self)
        entry = entry_of(self.router.route_id)
        self.problem = self.problem_text = ""
        if (address := here(self)) != self._address:  # else it only loads anew, or a dialog opens
            self.flashes = [{**each, "age": each["age"] + 1} for each in self.flashes if each["age"] < 1]
        self._address = address
        self.path, self.is_loading = path_of(self), bool(entry.on_load)
        scope = await self._look_around()
        admit(entry.guard, scope)
        if (slug := routes.organization_of(self.path)) and slug != self.org_slug:  # a former one
            return rx.redirect(routes.in_organization(here(self), self.org_slug), replace=True)
        return [*entry.on_load, ShellState.settle] if entry.on_load else None

    async def _look_around(self) -> Scope:
        """Who it is, and where. Raises NotFound for an organisation they may not know of, once it is seen who it is."""
        slug, missing = routes.organization_of(path_of(self)), None
        try:
            scope = await accounts.scope_for_session(token_of(self), slug)
        except NotFound as error:
            scope, missing = await accounts.scope_for_session(token_of(self)), error
        await self._meet(scope)
        if scope.org_id is not None:
            follow(self, accounts.topic_organization(scope.org_id), ShellState.on_organization)
        await self._show(scope, scope.outside)
        if missing is not None:
            raise missing
        return scope

    async def _show(self, scope: Scope, person: Scope) -> None:
        async with reading(person):  # one transaction for all that follows
            user = await accounts.get_own_face(person) if person.user_id else None
            cards = await accounts.list_own_organizations(person) if user else []
            organization = await accounts.get_organization(person, scope.org_id) if scope.org_id else None
        for card in cards:
            follow(self, accounts.topic_organization(card.id), ShellState.on_organization)
        self.person_id = str(person.user_id or "")
        self.person_name = user.name if user else ""
        self.person_username = user.username if user else ""
        self.is_operator = scope.is_operator
        self.person_avatar = routes.avatar(user.avatar_key) if user else ""
        self.person_unconfirmed = user.unconfirmed if user else ""
        self.places = [{"slug": card.slug, "name": card.name} for card in cards]
        self.org_slug = organization.slug if organization else ""
        self.org_name = organization.name if organization else ""
        self.role = scope.role.value if scope.role else ""

    async def _meet(self, scope: Scope) -> None:
        """Somebody has come to the tab. What it held for somebody else is gone before anything is read anew."""
        session_id = str(scope.session_id or "")
        was = await whose(self)
        if was and was != session_id:
            await self._forget()
            self.path = path_of(self)
        await give_to(self, session_id)
        if scope.session_id is not None:
            follow(self, accounts.topic_session(scope.session_id), ShellState.on_session)
            follow(self, accounts.topic_person(cast("UUID", scope.user_id)), ShellState.on_person)
        elif was and token_of(self):
            raise SessionEnded

    async def _forget(self) -> None:
        """What the tab holds is not for who comes now. Words to the browser are counted on: it acts once on each."""
        count, address = self._count, self._address
        await forget_everything(self)
        self._count, self._address = count, address  # it is still the same page, and its message has not been shown

    @server_event
    async def on_session(self, events: list[object]) -> Any:
        """The session may be over. The browser that has asked for it is on its way to another page already."""
        if not any(isinstance(each, accounts.SessionEnded) and each.is_log_out for each in events):
            await require_session(self)

    @server_event
    async def on_person(self, _events: list[object]) -> Any:
        """The person is called something else, or is something else here: perhaps the page is closed to them now."""
        return await self._look_again() if await whose(self) else None  # else they have gone just now

    @server_event
    async def on_organization(self, _events: list[object]) -> Any:
        """The organisation at hand, or one of the person's, is called something else, is open to others, or is gone."""
        return await self._look_again()

    async def _look_again(self) -> Any:
        """Show what is different around the page, and load it anew where it may be different, too."""
        rights, guard = (self.role, self.is_operator), entry_of(self.router.route_id).guard
        try:
            admit(guard, await self._look_around())
        except (NotFound, Forbidden):
            return ShellState.load_anew(self._address)
        return ShellState.load_anew(self._address) if (self.role, self.is_operator) != rights else None

    @event
    def enter_again(self) -> Any:
        """Try once more to load the page."""
        return ShellState.enter

    @server_event
    def settle(self) -> None:
        """Everything the page loads is there."""
        self.is_loading = False

    @server_event
    def show_problem(self, problem: str, text: str) -> None:
        """In place of the page: it does not exist, is not for this person, or failed to load."""
        self.problem, self.problem_text, self.is_loading = problem, text, False

    @server_event
    def add_flash(self, text: str, tone: str) -> None:
        """Show a message above this page and, if one follows at once, the next."""
        self._count += 1
        others = [each for each in self.flashes if each["text"] != text]
        self.flashes = [*others, FlashMessage(id=self._count, tone=tone, text=text, age=0)][-_KEPT:]

    @server_event
    def add_failure(self, error_id: str) -> Any:
        """Something failed that nobody foresaw: calm words, and the number under which the log has it."""
        text = gettext("Something went wrong on our side. It is noted as %(id)s.") % {"id": error_id}
        return ShellState.add_flash(text, "error")

    @event
    def dismiss_flash(self, flash_id: int) -> None:
        """Take a message away."""
        self.flashes = [each for each in self.flashes if each["id"] != flash_id]

    @server_event
    def add_push(self, name: str, detail: str) -> Any:
        """Say a word to the browser."""
        self._count += 1
        self.pushes = [Push(id=self._count, name=name, detail=detail)]
        yield
        self.pushes = []  # a reload must not say it again

    @server_event
    async def ask_who(self) -> Any:
        """Go and say who one is, and come back here. What the tab held for who it was is gone."""
        back = here(self)
        if await whose(self):
            await self._forget()
        return rx.redirect(routes.log_in(back=back), replace=True)


def flash(text: str, tone: Tone = "success") -> EventSpec:
    """An event that shows a message; it survives a redirect sent with it."""
    return cast("EventSpec", ShellState.add_flash(text, tone))


def push(name: Word, detail: str = "") -> EventSpec:
    """An event that makes the browser do something: `detail` is an element's id, a dialog's name, a text or a path."""
    return cast("EventSpec", ShellState.add_push(name, detail))


async def be_nobody(state: rx.State) -> None:
    """The person has gone, and the tab is a visitor's from now on. To be loaded anew: `push("load", …)`."""
    await (await state.get_state(ShellState))._forget()  # noqa: SLF001 - a public method would be open to browsers


def ask_who() -> EventSpec:
    """An event that sends the visitor to say who they are, and back."""
    return cast("EventSpec", ShellState.ask_who())


def failure(error_id: str) -> EventSpec:
    """An event that owns up to a failure which the log has under this number."""
    return cast("EventSpec", ShellState.add_failure(error_id))


def problem(kind: Problem, text: str) -> EventSpec:
    """An event that puts a problem in the page's place."""
    return cast("EventSpec", ShellState.show_problem(kind, text))


def page_is_loading() -> rx.Var[bool]:
    """Whether the page at hand is still on its way; true in the first HTML too. For skeletons."""
    is_there = rx.State.is_hydrated & arrived(ShellState.path) & ~ShellState.is_loading  # pyright: ignore[reportOperatorIssue]
    return cast("rx.Var[bool]", ~is_there)
