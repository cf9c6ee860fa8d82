"""All people of the site: what operators see of them and do, and that the site keeps an operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import LastOperator, OneselfKeptOut, Organization, SudoRequired, User, Whom
from myapp.kit.audit import AuditLog
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_session, make_user, with_sudo


async def make_operator(name: str = "") -> Scope:
    return Scope((await make_user(name, is_operator=True)).id, is_operator=True)


@pytest.fixture
async def operator(db: AsyncConnection) -> Scope:
    return await make_operator("Ona Operator")


async def names(scope: Scope, words: str = "", whom: Whom = Whom.ALL) -> list[str]:
    return [card.name for card in (await accounts.list_users(scope, words, whom=whom)).entries]


async def test_operators_find_people_by_parts_of_what_they_are_called_the_newest_first(operator: Scope) -> None:
    mei = await make_user("Mei")
    await make_member(await make_organization(), name="Yusuf")
    assert await names(operator) == ["Yusuf", "Mei", "Ona Operator"]
    assert await names(operator, mei.email) == ["Mei"]
    assert await names(operator, f"@{mei.username}") == ["Mei"]
    assert await names(operator, "", Whom.OPERATORS) == ["Ona Operator"]
    card = (await accounts.list_users(operator, "Yusuf")).entries[0]
    assert (card.organizations, card.is_operator, card.deactivated_at) == (1, False, None)


async def test_from_within_an_organisation_an_operator_sees_all_people_too(
    operator: Scope, organization: Organization
) -> None:
    await make_user("Mei")
    inside = Scope(operator.user_id, organization.id, is_operator=True)
    assert await names(inside, "Mei") == ["Mei"]


async def test_who_has_deleted_the_account_is_not_listed(operator: Scope) -> None:
    mei = await make_user("Mei")
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == mei.id).values(anonymised_at=now()))
    assert await names(operator) == ["Ona Operator"]
    assert await accounts.fetch_user_card(operator, mei.id) is None
    with pytest.raises(NotFound):
        await accounts.deactivate_user(operator, mei.id)


async def test_who_is_kept_out_is_logged_out_everywhere_until_let_in_again(operator: Scope, hub: PubSub) -> None:
    mei = await make_user("Mei")
    token = await make_session(mei.id)
    told: list[object] = []
    hub.subscribe(accounts.USERS, lambda _topic, event: told.append(event))
    await accounts.deactivate_user(operator, mei.id)
    assert (await accounts.scope_for_session(token)).user_id is None
    assert (await accounts.scope_for(mei.id)).user_id is None
    assert await names(operator, whom=Whom.DEACTIVATED) == ["Mei"]
    await accounts.deactivate_user(operator, mei.id)
    await accounts.reactivate_user(operator, mei.id)
    assert (await accounts.scope_for(mei.id)).user_id == mei.id
    assert (await accounts.scope_for_session(token)).user_id is None
    assert told == [accounts.UserUpdated(mei.id)] * 2
    async with transaction(SYSTEM) as session:
        deeds = (await session.exec(select(AuditLog.action).where(col(AuditLog.subject_id) == str(mei.id)))).all()
    assert sorted(deeds) == ["accounts.user.deactivated", "accounts.user.reactivated"]


async def test_nobody_keeps_out_themselves(operator: Scope) -> None:
    await make_operator()
    assert operator.user_id is not None
    with pytest.raises(OneselfKeptOut):
        await accounts.deactivate_user(operator, operator.user_id)


async def test_operators_are_made_by_operators_who_have_just_shown_who_they_are(operator: Scope) -> None:
    mei = await make_user("Mei")
    with pytest.raises(SudoRequired):
        await accounts.set_operator(operator, mei.id, on=True)
    await accounts.set_operator(await with_sudo(operator), mei.id, on=True)
    assert (await accounts.scope_for(mei.id)).is_operator
    await accounts.set_operator(SYSTEM, mei.id, on=False)
    assert not (await accounts.scope_for(mei.id)).is_operator


async def test_the_first_operator_is_made_from_the_command_line(db: AsyncConnection) -> None:
    mei = await make_user("Mei")
    for named in (mei.username.upper(), f" {mei.email} "):
        assert (await accounts.appoint_operator(SYSTEM, named)).id == mei.id
    with pytest.raises(LastOperator):
        await accounts.appoint_operator(SYSTEM, mei.username, on=False)
    with pytest.raises(NotFound):
        await accounts.appoint_operator(SYSTEM, "nobody")


async def test_the_site_keeps_an_operator_who_may_act(operator: Scope) -> None:
    other = await make_operator()
    assert operator.user_id is not None
    assert other.user_id is not None
    await accounts.deactivate_user(operator, other.user_id)
    for act in (
        accounts.set_operator(SYSTEM, operator.user_id, on=False),
        accounts.deactivate_user(SYSTEM, operator.user_id),
    ):
        with pytest.raises(LastOperator):
            await act


async def test_of_two_operators_who_keep_each_other_out_at_once_one_stays(real_db: str) -> None:
    pair = [await make_operator() for _ in range(2)]
    acts = [
        accounts.deactivate_user(own, other.user_id or new_id())
        for own, other in zip(pair, reversed(pair), strict=True)
    ]
    results = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["LastOperator", "NoneType"]


async def test_for_everybody_else_there_is_no_such_list(organization: Organization) -> None:
    member = await make_member(organization)
    assert member.user_id is not None
    acts: list[Callable[[Scope, UUID], object]] = [
        lambda scope, _: accounts.list_users(scope),
        accounts.fetch_user_card,
        accounts.deactivate_user,
        accounts.reactivate_user,
        lambda scope, user_id: accounts.set_operator(scope, user_id, on=True),
    ]
    for act in acts:
        for scope, refusal in ((member, Forbidden), (Scope.anonymous(), Unauthenticated)):
            with pytest.raises(refusal):
                await act(scope, member.user_id)  # pyright: ignore[reportGeneralTypeIssues]


async def test_a_page_of_all_people_costs_two_queries(
    operator: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    with repeats_allowed():
        for _ in range(44):
            await make_user()
    with assert_queries(2):
        page = await accounts.list_users(operator, page=2)
    assert (len(page.entries), page.total_pages, page.total_count) == (20, 3, 45)
