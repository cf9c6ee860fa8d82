"""The product's own app, driven without a browser, with an organisation and its people in the database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from myapp import myapp as product
from myapp.accounts import Organization, Principal
from myapp.config import load_settings
from myapp.kit.channels._wire import MAX_NAME
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import Row
from myapp.web import router, session
from myapp.web.channels import STREAMS
from myapp.web.live import subscriptions
from myapp.web.live.topics import digest
from myapp.web.session import SessionCookie
from tests.factories.accounts import make_member, make_organization, make_session
from tests.live import Live, Tab


@dataclass
class Site:
    """An organisation, who is in it, and a browser for each of them."""

    live: Live
    organization: Organization
    owner: Scope
    moderator: Scope
    member: Scope
    engine: AsyncEngine
    sessions: dict[UUID, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.organization.slug

    async def cookies_of(self, scope: Scope | None) -> dict[str, str] | None:
        """What the browser of this person sends: the same session for all of their tabs."""
        if scope is None or scope.user_id is None:
            return None
        if scope.user_id not in self.sessions:
            self.sessions[scope.user_id] = await make_session(scope.user_id)
        return {session.cookie().name: self.sessions[scope.user_id]}

    async def open(self, path: str, scope: Scope | None = None) -> Tab:
        """A tab of this person (a visitor, if nobody is named) at an address below the organisation's."""
        return await self.live.open(f"/o/{self.slug}{path}", cookies=await self.cookies_of(scope))

    async def rows_of(self, address: str, scope: Scope | None = None) -> Sequence[Row]:
        """The first page of a stream, as this person's browser gets it when it joins."""
        topic, _, query = address.partition("?")
        assert len(topic) <= MAX_NAME
        _, name, *arguments = topic.split(":")
        if query:
            assert arguments.pop() == digest(query)
        source = await STREAMS[name](Principal(scope.user_id if scope else None), arguments, query)
        return (await source.page()).rows

    @contextmanager
    def queries(self) -> Generator[list[str]]:
        """Every statement that reaches the database meanwhile, whichever task sends it."""
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL")):
                statements.append(statement)

        event.listen(self.engine.sync_engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(self.engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture
async def site(db: AsyncConnection, engine: AsyncEngine) -> AsyncGenerator[Site]:
    session.use(SessionCookie(load_settings()))
    subscriptions.use(product.followers)
    router.use_pages()
    organization = await make_organization()
    async with Live(product.app) as live:
        site = Site(
            live,
            organization,
            owner=await make_member(organization, Role.OWNER, name="Olga Owner"),
            moderator=await make_member(organization, Role.MODERATOR, name="Mo Moderator"),
            member=await make_member(organization, name="Mia Member"),
            engine=engine,
        )
        for person in (site.owner, site.moderator, site.member):
            await site.cookies_of(person)  # now, as tests count queries
        yield site
