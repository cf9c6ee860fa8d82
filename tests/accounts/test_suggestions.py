"""Who is offered to somebody that types a name: few, in a useful order, and nobody of another organisation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from myapp import accounts
from myapp.accounts import Organization
from myapp.kit.scope import Scope
from tests.factories.accounts import make_member, make_organization, make_user

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def organization(db: object) -> Organization:
    return await make_organization()


async def names(scope: Scope, words: str = "", limit: int = 20) -> list[str]:
    return [each.name for each in await accounts.suggest_members(scope, words, limit=limit)]


async def named(organization: Organization, *given: str) -> Scope:
    """Members of these names; the scope of the last."""
    return [await make_member(organization, name=name) for name in given][-1]


async def test_names_that_begin_with_the_words_come_before_those_that_contain_them(organization: Organization) -> None:
    scope = await named(organization, "Zoe Anders", "anna", "Brianna", "Anton", "Bo")
    assert await names(scope, "AN") == ["anna", "Anton", "Brianna", "Zoe Anders"]
    assert await names(scope, "  zoe   an ") == ["Zoe Anders"]
    assert await names(scope) == ["anna", "Anton", "Bo", "Brianna", "Zoe Anders"]


async def test_a_user_name_finds_its_person_too(organization: Organization) -> None:
    scope = await named(organization, "Mei", "Bo")
    [mei, *_] = [each for each in await accounts.suggest_members(scope, "") if each.name == "Mei"]
    assert await names(scope, mei.username[:-1].upper() + mei.username[-1]) == ["Mei"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "%n%", "a_na", "\\%", "' OR 1=1 --", "a\x00b", "\ud800", "x" * 5000])
async def test_signs_of_patterns_and_of_sql_stand_for_themselves(organization: Organization, words: str) -> None:
    scope = await named(organization, "anna", "Bo")
    assert await names(scope, words) == []


async def test_a_name_with_such_signs_is_found_by_them(organization: Organization) -> None:
    scope = await named(organization, "100% Bo_b \\ Co", "1000 Boxb")
    for words in ("100%", "o_b", "\\ co"):
        assert await names(scope, words) == ["100% Bo_b \\ Co"]


async def test_there_are_never_more_than_twenty(organization: Organization) -> None:
    scope = await named(organization, *(f"Anna {number:02}" for number in range(25)))
    assert len(await names(scope, "anna", limit=10_000)) == 20
    assert await names(scope, "a", limit=3) == ["Anna 00", "Anna 01", "Anna 02"]
    assert len(await names(scope, "a", limit=-1)) == 1


async def test_some_are_left_out(organization: Organization) -> None:
    scope = await named(organization, "Anna", "Anton")
    [anna, _] = await accounts.suggest_members(scope, "an")
    assert [each.name for each in await accounts.suggest_members(scope, "an", but=[anna.user_id])] == ["Anton"]


async def test_only_members_are_told_and_only_of_their_own_organisation(organization: Organization) -> None:
    scope = await named(organization, "Anna")
    elsewhere = await named(await make_organization(), "Annabel")
    await make_user("Annegret")
    assert await names(scope, "ann") == ["Anna"]
    assert await names(Scope.system("a test", organization.id), "ann") == ["Anna"]
    for stranger in (
        Scope.anonymous(),
        Scope.anonymous(organization.id),
        Scope(elsewhere.user_id, organization.id),
        Scope(scope.user_id),
        Scope.system("a test"),
    ):
        assert await names(stranger, "ann") == []


async def test_it_takes_one_query_where_enough_begin_with_the_words_and_else_two(
    organization: Organization, assert_queries: AssertQueries
) -> None:
    scope = await named(organization, *(f"Anna {number:02}" for number in range(21)), "Bo")
    with assert_queries(1):
        await names(scope, "anna")
    with assert_queries(1):
        await names(scope)
    with assert_queries(2):
        await names(scope, "bo")


async def test_two_of_one_name_come_by_their_user_names(organization: Organization) -> None:
    scope = await named(organization, "Anna", "Anna")
    found = await accounts.suggest_members(scope, "anna")
    assert [each.username for each in found] == sorted(each.username for each in found)
    assert len({each.user_id for each in found}) == 2
