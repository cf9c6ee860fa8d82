"""Which tags are offered to somebody that types one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from myapp import blog
from myapp.accounts import Organization, Visibility
from myapp.kit.scope import Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization)


async def names(scope: Scope, words: str = "", **more: object) -> list[str]:
    return [tag.name for tag in await blog.suggest_tags(scope, words, **more)]  # pyright: ignore[reportArgumentType]


async def test_tags_that_begin_with_the_words_come_before_those_that_contain_them(author: Scope) -> None:
    await make_post(author, tags=["Green tea", "Tea", "teapots", "Asia"])
    assert await names(author, "TEA") == ["Tea", "teapots", "Green tea"]
    assert await names(author) == ["Asia", "Green tea", "Tea", "teapots"]
    assert [tag.slug for tag in await blog.suggest_tags(author, "green")] == ["green-tea"]
    assert await names(author, "tea", but=["tea"]) == ["teapots", "Green tea"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "t%a", "' OR 1=1 --", "a\x00b"])
async def test_signs_of_patterns_and_of_sql_stand_for_themselves(author: Scope, words: str) -> None:
    await make_post(author, tags=["Tea"])
    assert await names(author, words) == []


async def test_there_are_never_more_than_twenty(author: Scope) -> None:
    for start in range(0, 24, 8):
        await make_post(author, tags=[f"tea {number:02}" for number in range(start, start + 8)])
    assert await names(author, "t", limit=1000) == [f"tea {number:02}" for number in range(20)]


async def test_a_tag_of_drafts_alone_is_offered_to_nobody(author: Scope) -> None:
    await make_post(author, tags=["Secret"], status="draft")
    assert await names(author, "sec") == []


async def test_no_tag_of_another_or_a_private_organisation_is_offered(author: Scope) -> None:
    private = await make_organization(Visibility.PRIVATE)
    inside = await make_member(private)
    await make_post(inside, tags=["Tea house"])
    await make_post(author, tags=["Tea"])
    assert await names(author, "tea") == await names(Scope.anonymous(author.org_id), "tea") == ["Tea"]
    assert await names(inside, "tea") == ["Tea house"]
    for stranger in (
        Scope.anonymous(),
        Scope.anonymous(private.id),
        Scope(author.user_id, private.id),
        Scope(is_operator=True),
        Scope.system("a test"),
    ):
        assert await names(stranger, "tea") == []


async def test_it_takes_one_query_where_enough_begin_with_the_words_and_else_two(
    author: Scope, assert_queries: AssertQueries
) -> None:
    await make_post(author, tags=["Tea", "Asia"])
    with assert_queries(1):
        await names(author)
    with assert_queries(1):
        await names(author, "te", limit=1)
    with assert_queries(2):
        await names(author, "te")
