"""Sessions: what a cookie is worth, for how long, and who is told when it is worth nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import Device, Organization, Session, SessionEnded, SudoRequired, User, Visibility
from myapp.accounts.sessions import start_session
from myapp.accounts.tokens import new_token
from myapp.kit import repo
from myapp.kit.changeset import change
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization, make_session, make_user

SYSTEM = Scope.system("a test")
NOBODY = Scope.anonymous()


async def logged_in(ada: Scope, *, is_remembered: bool = False) -> Scope:
    """The scope of a new session of somebody's."""
    scope = await accounts.scope_for_session(await make_session(ada.user_id, is_remembered=is_remembered))
    assert scope.session_id is not None
    return scope


async def row_of(scope: Scope) -> Session:
    async with transaction(SYSTEM) as database:
        return (await database.exec(select(Session).where(Session.id == scope.session_id))).one()


async def move(scope: Scope, **values: object) -> None:
    """Pretend that time has passed."""
    async with transaction(SYSTEM) as database:
        await database.exec(sa.update(Session).where(col(Session.id) == scope.session_id).values(**values))
        database.expire_all()


async def is_alive(scope: Scope) -> bool:
    return (await accounts.scope_for_session(scope.session_id)).session_id is not None


async def test_a_session_says_who_it_is_and_what_they_are_here(ada: Scope, organization: Organization) -> None:
    token = await make_session(ada.user_id)
    scope = await accounts.scope_for_session(token, organization.slug)
    assert (scope.user_id, scope.org_id, scope.role) == (ada.user_id, organization.id, Role.MEMBER)
    assert await accounts.scope_for_session(scope.session_id, org_id=organization.id) == scope


async def test_it_takes_one_query(
    ada: Scope, organization: Organization, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    token = await make_session(ada.user_id)
    for arguments in ((token,), (token, organization.slug), (None, organization.slug)):
        async with repo.reading(Scope.system("to see who is asking")):
            with assert_queries(1):
                await accounts.scope_for_session(*arguments)
    with assert_queries(0):
        await accounts.scope_for_session(None)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "\0" * 43, "é" * 43, "a" * 10_000])
async def test_any_other_text_is_a_visitor(ada: Scope, organization: Organization, token: str | None) -> None:
    assert await accounts.scope_for_session(token) == NOBODY
    assert await accounts.scope_for_session(token, organization.slug) == Scope.anonymous(organization.id)
    assert await accounts.scope_for_session(new_id()) == NOBODY


async def test_the_token_is_kept_nowhere(ada: Scope) -> None:
    started = await start_session(NOBODY, ada.user_id or new_id(), Device())
    async with transaction(SYSTEM) as database:
        rows = [
            *(await (await database.connection()).execute(sa.text("SELECT sessions::text FROM sessions"))).scalars()
        ]
        rows += (
            await (await database.connection()).execute(sa.text("SELECT audit_logs::text FROM audit_logs"))
        ).scalars()
    assert rows
    assert started.token not in "".join(rows)
    assert started.token not in repr(started)
    row = await row_of(Scope(session_id=started.id))
    assert started.token.encode() not in row.hashed_token
    assert repr(row.hashed_token) not in repr(row)


async def test_a_private_place_is_there_for_its_members_sessions_only(ada: Scope) -> None:
    closed = await make_organization(Visibility.PRIVATE)
    member = await make_member(closed)
    assert (await accounts.scope_for_session(await make_session(member.user_id), closed.slug)).is_member
    for token in (None, await make_session(ada.user_id)):
        with pytest.raises(NotFound):
            await accounts.scope_for_session(token, closed.slug)


@pytest.mark.parametrize("kept_out", ["deactivated_at", "anonymised_at"])
async def test_who_is_kept_out_is_a_visitor(ada: Scope, kept_out: str) -> None:
    scope = await logged_in(ada)
    async with transaction(SYSTEM) as database:
        await database.exec(sa.update(User).where(col(User.id) == ada.user_id).values(**{kept_out: now()}))
    assert await accounts.scope_for_session(scope.session_id) == NOBODY
    assert await accounts.scope_for(ada.user_id) == NOBODY


async def test_every_log_in_begins_another_session_and_ends_the_browsers_last(ada: Scope, mei: Scope) -> None:
    adas = await logged_in(ada)
    assert mei.user_id is not None
    started = await start_session(adas, mei.user_id, Device())
    assert not await is_alive(adas)
    meis = await accounts.scope_for_session(started.token)
    assert meis.user_id == mei.user_id
    assert meis.session_id != adas.session_id


async def test_who_wishes_stays_for_sixty_days_and_others_for_a_day_unseen(ada: Scope) -> None:
    for is_remembered, days in ((True, 60), (False, 1)):
        scope = await logged_in(ada, is_remembered=is_remembered)
        row = await row_of(scope)
        assert row.expires_at - row.inserted_at == pytest.approx(timedelta(days=days), abs=timedelta(seconds=5))
        await move(scope, expires_at=now())
        assert await accounts.scope_for_session(scope.session_id) == NOBODY


async def test_when_somebody_was_seen_is_written_once_in_five_minutes(
    ada: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    scope = await logged_in(ada)
    await move(scope, last_seen_at=now() - timedelta(minutes=4))
    with assert_queries(1):
        await accounts.scope_for_session(scope.session_id)
    await move(scope, last_seen_at=now() - timedelta(minutes=6), expires_at=now() + timedelta(hours=1))
    await accounts.scope_for_session(scope.session_id)
    row = await row_of(scope)
    assert now() - row.last_seen_at < timedelta(minutes=1)
    assert row.expires_at - now() > timedelta(hours=23), "who is seen stays"
    with assert_queries(1):
        await accounts.scope_for_session(scope.session_id)


async def test_nobody_stays_longer_than_sixty_days(ada: Scope) -> None:
    for is_remembered in (True, False):
        scope = await logged_in(ada, is_remembered=is_remembered)
        soon = now() + timedelta(minutes=10)
        begun = now() - timedelta(days=60) + timedelta(minutes=10)
        await move(scope, last_seen_at=now() - timedelta(minutes=6), expires_at=soon, inserted_at=begun)
        await accounts.scope_for_session(scope.session_id)
        assert (await row_of(scope)).expires_at <= soon + timedelta(seconds=5)


async def test_ones_sessions_are_listed_with_the_one_at_hand(ada: Scope, mei: Scope) -> None:
    first, second = await logged_in(ada), await logged_in(ada)
    await logged_in(mei)
    await move(first, last_seen_at=now() - timedelta(minutes=1))
    expired = await logged_in(ada)
    await move(expired, expires_at=now())
    listed = await accounts.list_sessions(first)
    assert [each.id for each in listed] == [second.session_id, first.session_id]
    assert [each.is_current for each in listed] == [False, True]
    assert (listed[0].ip, listed[0].user_agent) == ("192.0.2.1", "A browser")
    with pytest.raises(Unauthenticated):
        await accounts.list_sessions(NOBODY)


def heard_by(hub: PubSub, session_id: UUID | None) -> list[object]:
    """What the sockets and the tabs of a session are told."""
    told: list[object] = []
    for topic in ("channels:disconnect", f"session:{session_id}"):
        hub.subscribe(topic, lambda _topic, event: told.append(event))
    return told


async def test_one_session_is_ended_and_its_sockets_and_tabs_are_told(ada: Scope, hub: PubSub) -> None:
    here, there = await logged_in(ada), await logged_in(ada)
    assert there.session_id is not None
    told = heard_by(hub, there.session_id)
    await accounts.delete_session(here, there.session_id)
    assert told == [Disconnect(f"session:{there.session_id}"), SessionEnded(there.session_id, is_log_out=False)]
    assert not await is_alive(there)
    assert await is_alive(here)
    with pytest.raises(NotFound):
        await accounts.delete_session(here, there.session_id)


async def test_nobody_is_told_of_an_end_that_was_rolled_back(ada: Scope, hub: PubSub) -> None:
    here = await logged_in(ada)
    told = heard_by(hub, here.session_id)
    with pytest.raises(RuntimeError):
        async with transaction(SYSTEM):
            await accounts.delete_sessions(here)
            raise RuntimeError
    assert told == []
    assert await is_alive(here)


async def test_somebody_elses_session_is_not_there(ada: Scope, mei: Scope) -> None:
    adas, meis = await logged_in(ada), await logged_in(mei)
    assert meis.session_id is not None
    for scope in (adas, NOBODY):
        with pytest.raises((NotFound, Unauthenticated)):
            await accounts.delete_session(scope, meis.session_id)
    await accounts.delete_other_sessions(adas)
    await accounts.delete_sessions(adas)
    with pytest.raises(Forbidden):
        await accounts.end_sessions_of(adas, mei.user_id or new_id())
    assert await is_alive(meis)


async def test_all_others_or_all_are_ended(ada: Scope) -> None:
    scopes = [await logged_in(ada) for _ in range(3)]
    assert await accounts.delete_other_sessions(scopes[0]) == 2
    assert [await is_alive(each) for each in scopes] == [True, False, False]
    assert await accounts.delete_sessions(scopes[0]) == 1
    assert not await is_alive(scopes[0])


async def test_who_logs_out_ends_this_session_only(ada: Scope, hub: PubSub) -> None:
    here, there = await logged_in(ada), await logged_in(ada)
    told = heard_by(hub, here.session_id)
    await accounts.log_out(here)
    assert told[1:] == [SessionEnded(here.session_id or new_id(), is_log_out=True)]
    assert [await is_alive(here), await is_alive(there)] == [False, True]
    await accounts.log_out(NOBODY)


async def test_what_has_expired_is_cleared_away_and_its_tabs_are_told(ada: Scope, hub: PubSub) -> None:
    over, going_on = await logged_in(ada), await logged_in(ada)
    await move(over, expires_at=now())
    told = heard_by(hub, over.session_id)
    assert await accounts.delete_expired_sessions(SYSTEM) == 1
    assert SessionEnded(over.session_id or new_id(), is_log_out=False) in told
    assert await accounts.list_ended_sessions(SYSTEM, [over.session_id, going_on.session_id]) == {over.session_id}  # pyright: ignore[reportArgumentType]
    with pytest.raises(Forbidden):
        await accounts.delete_expired_sessions(ada)
    with pytest.raises(Forbidden):
        await accounts.list_ended_sessions(ada, [])


async def test_sudo_lasts_twenty_minutes_in_one_session(ada: Scope) -> None:
    here, there = await logged_in(ada), await logged_in(ada)
    await accounts.require_sudo(here)
    for scope in (here, there):
        await move(scope, sudo_at=now() - timedelta(minutes=20))
        with pytest.raises(SudoRequired):
            await accounts.require_sudo(scope)
    await accounts.note_sudo(here)
    await accounts.require_sudo(here)
    for scope in (there, Scope(user_id=ada.user_id), Scope(ada.user_id, session_id=new_id())):
        with pytest.raises(SudoRequired):
            await accounts.require_sudo(scope)
    with pytest.raises(Unauthenticated):
        await accounts.require_sudo(NOBODY)


async def test_a_session_goes_with_its_person(ada: Scope) -> None:
    scope = await logged_in(ada)
    async with transaction(SYSTEM) as database:
        user = (await database.exec(select(User).where(User.id == ada.user_id))).one()
        await repo.update(change(user, name="Ada Again"))
        await database.exec(sa.delete(User).where(col(User.id) == (await make_user()).id))
        assert (await database.exec(select(Session.user_id).where(Session.id == scope.session_id))).one() == user.id
        await (await database.connection()).execute(
            sa.text("DELETE FROM memberships WHERE user_id = :id"), {"id": ada.user_id}
        )
        await database.exec(sa.delete(User).where(col(User.id) == ada.user_id))
    assert not await is_alive(scope)


def test_tokens_are_never_the_same() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


async def test_what_a_browser_says_of_itself_is_kept_short_and_printable(ada: Scope) -> None:
    started = await start_session(NOBODY, ada.user_id or new_id(), Device(None, "Fire\0fox\n" + "x" * 900))
    kept = (await row_of(Scope(session_id=started.id))).user_agent
    assert kept == ("Firefox" + "x" * 900)[:500]
