"""Who the authors of another site are here: never somebody who is not a member."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import ForeignAuthor, Membership, User
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_user

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def scope() -> Scope:
    return await make_member(await make_organization(), Role.ADMIN)


async def member(scope: Scope, **values: str) -> User:
    """Another member of the organisation."""
    user = await make_user()
    async with transaction(SYSTEM) as session:
        user = await session.merge(user)
        for name, value in values.items():
            setattr(user, name, value)
        assert scope.org_id is not None
        session.add(Membership(org_id=scope.org_id, user_id=user.id, role=Role.MEMBER))
    return user


async def everybody() -> set[str]:
    async with transaction(SYSTEM) as session:
        return set((await session.exec(select(User.email))).all())


async def test_a_member_is_known_by_address(scope: Scope) -> None:
    ada = await member(scope, email="ada@example.org")
    found = await accounts.ensure_authors(scope, [ForeignAuthor("countess", "ADA@example.org", "Countess")])
    assert found == {"countess": accounts.MatchedAuthor(ada.id)}


async def test_a_member_is_known_by_user_name_and_that_is_doubtful_where_the_address_differs(scope: Scope) -> None:
    ada = await member(scope, username="ada", email="ada@example.org")
    found = await accounts.ensure_authors(scope, [ForeignAuthor("Ada"), ForeignAuthor("ADA", "ada@elsewhere.example")])
    assert {author.user_id for author in found.values()} == {ada.id}
    assert [found[login].is_doubtful for login in ("Ada", "ADA")] == [False, True]


async def test_a_full_name_counts_when_it_is_one_members_alone(scope: Scope) -> None:
    ada = await member(scope, name="Ada Lovelace")
    author = ForeignAuthor("Ada Lovelace", "", "Ada Lovelace")
    assert (await accounts.ensure_authors(scope, [author]))["Ada Lovelace"].user_id == ada.id
    await member(scope, name="Ada Lovelace")
    assert (await accounts.ensure_authors(scope, [author]))["Ada Lovelace"].is_new


async def test_somebody_who_is_no_member_is_not_drawn_in(scope: Scope) -> None:
    stranger = await make_user()
    author = ForeignAuthor(stranger.username, stranger.email, stranger.name)
    found = (await accounts.ensure_authors(scope, [author]))[author.login]
    placeholder = await accounts.get_user(scope, found.user_id)
    assert found.is_new
    assert placeholder.id != stranger.id
    assert placeholder.username != stranger.username
    async with transaction(SYSTEM) as session:
        memberships = select(Membership).where(col(Membership.user_id) == stranger.id)
        assert (await session.exec(memberships)).all() == []


async def test_a_placeholder_has_a_name_and_an_address_that_reaches_nobody(scope: Scope) -> None:
    found = await accounts.ensure_authors(scope, [ForeignAuthor("grace.h", "grace@example.org", "Grace Hopper")])
    grace = await accounts.get_user(scope, found["grace.h"].user_id)
    assert (grace.name, grace.username) == ("Grace Hopper", "grace-h")
    assert grace.email.endswith("@imported.invalid")
    assert "grace" not in grace.email
    assert "grace@example.org" not in await everybody()
    assert await accounts.is_member(scope, grace.id)


async def test_the_same_author_is_the_same_person_every_time(scope: Scope) -> None:
    first = await accounts.ensure_authors(scope, [ForeignAuthor("grace", "grace@example.org")])
    again = await accounts.ensure_authors(
        scope, [ForeignAuthor("g.hopper", "Grace@example.org"), ForeignAuthor("grace")]
    )
    assert again["g.hopper"] == accounts.MatchedAuthor(first["grace"].user_id)
    assert again["grace"].is_new  # without an address nothing says that it is she


async def test_organisations_have_placeholders_of_their_own(scope: Scope) -> None:
    other = await make_member(await make_organization(), Role.OWNER)
    author = ForeignAuthor("grace", "grace@example.org")
    here, there = [(await accounts.ensure_authors(who, [author]))["grace"].user_id for who in (scope, other)]
    assert here != there


@pytest.mark.parametrize("login", ["", "x", "\u05e9", "a" * 200, "someone@example.org", "\U0001f389", "<b>"])
async def test_odd_logins_make_people_too(scope: Scope, login: str) -> None:
    found = await accounts.ensure_authors(scope, [ForeignAuthor(login)])
    user = await accounts.get_user(scope, found[login].user_id)
    assert 3 <= len(user.username) <= 30
    assert 2 <= len(user.name) <= 100
    assert "@" not in user.name


async def test_two_authors_may_wish_for_one_user_name(scope: Scope) -> None:
    authors = [ForeignAuthor("Grace", "one@example.org"), ForeignAuthor("grace", "two@example.org")]
    found = await accounts.ensure_authors(scope, authors)
    assert len({author.user_id for author in found.values()}) == 2


async def test_only_admins_bring_people_in(scope: Scope) -> None:
    assert scope.org_id is not None
    organization = await accounts.get_organization(scope, scope.org_id)
    moderator = await make_member(organization, Role.MODERATOR)
    for who, error in ((moderator, Forbidden), (Scope.anonymous(scope.org_id), Unauthenticated)):
        with pytest.raises(error):
            await accounts.ensure_authors(who, [ForeignAuthor("grace")])


async def test_no_user_name_that_somebody_took_beforehand_stands_in_the_way(scope: Scope) -> None:
    async def taken(username: str) -> User:
        user = await make_user()
        async with transaction(SYSTEM) as session:
            (await session.merge(user)).username = username
        return user

    await taken("grace")
    author = ForeignAuthor("grace", "grace@example.org")
    first = await accounts.ensure_authors(scope, [author])
    tail = (await accounts.get_user(scope, first["grace"].user_id)).username.removeprefix("grace-")
    other = await make_member(await make_organization(), Role.ADMIN)
    address = sha256(f"{other.org_id}:{author.email}".encode()).hexdigest()
    await taken(f"grace-{address[: len(tail)]}")
    assert (await accounts.ensure_authors(other, [author]))["grace"].is_new
