"""The page of all people: for operators alone, live, and what they do there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.accounts import ForeignAuthor, User, Visibility
from myapp.kit.errors import AppError, NotFound, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.web.accounts.users.state import UsersState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.accounts import make_organization, make_session, make_user
from tests.live import Tab
from tests.web.blog.conftest import Site


@pytest.fixture
async def operator(site: Site) -> User:
    return await make_user("Ona Operator", is_operator=True)


async def visit(site: Site, user: User | None, query: str = "") -> Tab:
    cookies = {"session": await make_session(user.id)} if user else None
    return await site.live.open(f"/admin/users{query}", cookies=cookies)


def named(tab: Tab) -> list[str]:
    return [each["name"] for each in tab.get(UsersState.users)]


async def test_for_others_the_page_is_not_there(site: Site) -> None:
    for user, refusal in ((await make_user(), NotFound), (None, Unauthenticated)):
        with pytest.raises(refusal):
            await visit(site, user)


async def test_an_operator_finds_everybody_and_sees_who_they_are(site: Site, operator: User) -> None:
    tab = await visit(site, operator, "?q=mia")
    assert named(tab) == ["Mia Member"]
    assert tab.get(ShellState.is_operator)
    await tab.navigate(f"/admin/users?of={site.member.user_id}")
    assert (tab.get(UsersState.name), tab.get(UsersState.organizations)) == ("Mia Member", 1)
    await tab.navigate("/admin/users?show=operators&page=7")
    assert (named(tab), tab.get(UsersState.page)) == (["Ona Operator"], 1)
    await tab.navigate("/admin/users?of=x&show=klingons")
    assert (tab.get(UsersState.user_id), tab.get(UsersState.show)) == ("", "")


async def test_who_was_imported_has_no_address_to_confirm(site: Site, operator: User) -> None:
    await accounts.ensure_authors(site.owner, [ForeignAuthor("grace", "grace@example.org", "Grace Guest")])
    (row,) = (await visit(site, operator, "?q=grace")).get(UsersState.users)
    assert (row["is_placeholder"], row["is_confirmed"]) == (True, True)


async def test_somebody_is_kept_out_and_let_in_again_in_every_open_page(site: Site, operator: User) -> None:
    tab = await visit(site, operator, f"?of={site.member.user_id}")
    other = await visit(site, operator, "?show=deactivated")
    theirs = await site.open("/posts", site.member)
    await tab.send(UsersState.deactivate)
    await other.until(lambda: named(other) == ["Mia Member"])
    await tab.until(lambda: tab.get(UsersState.is_deactivated))
    await theirs.until(lambda: theirs.redirects)
    assert theirs.redirects[0].startswith("/log-in")
    await tab.send(UsersState.reactivate)
    await other.until(lambda: named(other) == [])


async def test_an_operator_is_made_and_unmade(site: Site, operator: User) -> None:
    tab = await visit(site, operator, f"?of={site.member.user_id}")
    await tab.send(UsersState.make_operator)
    assert (await accounts.scope_for(site.member.user_id)).is_operator
    await tab.send(UsersState.make_no_operator)
    assert not (await accounts.scope_for(site.member.user_id)).is_operator


async def test_open_pages_of_who_is_an_operator_no_longer_close_to_them(site: Site, operator: User) -> None:
    den = await make_organization(Visibility.PRIVATE)
    cookies = await site.cookies_of(Scope(operator.id))
    tabs = [await site.live.open(path, cookies=cookies) for path in (f"/o/{den.slug}", "/admin/users")]
    assert [tab.get(ShellState.is_operator) for tab in tabs] == [True, True]
    await make_user(is_operator=True)
    await accounts.set_operator(SYSTEM, operator.id, on=False)
    for tab in tabs:
        await tab.until(lambda tab=tab: tab.get(ShellState.problem) == "missing")
        assert not tab.get(ShellState.is_operator)


async def test_who_is_an_operator_no_longer_does_nothing_there(site: Site, operator: User) -> None:
    tab = await visit(site, operator, f"?of={site.member.user_id}")
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == operator.id).values(is_operator=False))
    for handler in (
        UsersState.deactivate,
        UsersState.reactivate,
        UsersState.make_operator,
        UsersState.make_no_operator,
    ):
        with pytest.raises(AppError):
            await tab.send(handler)
    assert (await accounts.scope_for(site.member.user_id)).user_id is not None
