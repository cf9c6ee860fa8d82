"""What a search finds, followed over a channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from myapp import blog
from myapp.accounts import Organization, Visibility
from myapp.kit.clock import now
from myapp.kit.scope import Role, Scope
from myapp.web.blog.search.stream import search_topic
from myapp.web.live.topics import digest, narrowed
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.web.channels.conftest import Follow, Follower

type Reads = Callable[[], AbstractContextManager[list[str]]]

UNMATCHED = {"status": "error", "response": {"reason": "unmatched topic"}}
UNAUTHORIZED = {"status": "error", "response": {"reason": "unauthorized"}}
NOT_FOUND = {"status": "error", "response": {"reason": "not found"}}


@pytest.fixture
async def organization(db: Any) -> Organization:
    return await make_organization()


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


def topic(organization: Organization, words: str, scope: Scope | None = None) -> str:
    return search_topic(scope or Scope.anonymous(organization.id), organization.slug, words)


def found(reader: Follower) -> list[str]:
    titles = [row["title_html"] for row in reader.replica.window.rows]
    return [unescape(title.replace("<mark>", "").replace("</mark>", "")) for title in titles]


async def test_a_post_comes_in_where_its_rank_puts_it_and_leaves_when_it_does_not_match(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    await make_post(author, title="In the title: lighthouse", body="A quiet life.")
    reader = await follow(topic(organization, "lighthouse"))

    post = await make_post(author, title="In the text", body="It stands by the lighthouse, they say.")
    await reader.hears()
    assert found(reader) == ["In the title: lighthouse", "In the text"]

    await blog.update_post(author, post.id, {"title": "Lighthouse lighthouse lighthouse"})
    await reader.hears()
    assert found(reader) == ["Lighthouse lighthouse lighthouse", "In the title: lighthouse"]

    await blog.update_post(author, post.id, {"title": "Elsewhere", "body": "Nothing of the kind."})
    await reader.hears()
    assert found(reader) == ["In the title: lighthouse"]


async def test_what_comes_is_marked_and_escaped(organization: Organization, author: Scope, follow: Follow) -> None:
    reader = await follow(topic(organization, "frost"))
    await make_post(author, title="Frost <b>& beans", body="The frost came late this year.")
    await reader.hears()
    [row] = reader.replica.window.rows
    assert row["title_html"] == "<mark>Frost</mark> &lt;b&gt;&amp; beans"
    assert "<mark>frost</mark>" in row["snippet_html"]


async def test_answers_go_on_where_the_page_before_ended_whatever_is_written_meanwhile(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    hour = now() - timedelta(days=1)
    for number in range(45):  # each with three of the same rank, of which two have the same time
        times = hour - timedelta(minutes=number // 2)
        words = " ".join(f"word{count}" for count in range(3 + number // 3))
        await make_post(author, title=f"Frost {number}", body=words, published_at=times)
    reader = await follow(topic(organization, "frost"))
    assert len(found(reader)) == 20

    late = await make_post(author, title="Frost and frost and frost")
    await reader.hears()
    for expected in (41, 46):
        reply = await reader.ask(after=reader.replica.ask("tail"))
        reader.replica.answered("tail", reply["response"])
        assert len(found(reader)) == expected
    assert reader.replica.window.end is None
    assert len(set(found(reader))) == 46

    rows = reader.replica.window.rows
    third = await reader.ask(before=[*rows[30]["sort"], rows[30]["id"]])
    assert [row["id"] for row in third["response"]["rows"]] == [row["id"] for row in rows[10:30]]
    assert third["response"]["more"]
    assert str(late.id) == rows[0]["id"]


async def test_drafts_are_told_to_nobody_until_they_are_out(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    readers = [await follow(topic(organization, "frost", who), who) for who in (author, None)]
    draft = await make_post(author, title="Frost in the making", status="draft")
    await blog.update_post(author, draft.id, {"title": "Frost still in the making"})
    await make_post(author, title="Frost for all")
    for reader in readers:
        assert [operation[0] for operation in await reader.hears()] == ["insert"]
        assert found(reader) == ["Frost for all"]

    await blog.publish_post(author, draft.id)
    for reader in readers:
        await reader.hears()
        assert set(found(reader)) == {"Frost for all", "Frost still in the making"}
    await blog.unpublish_post(author, draft.id)
    for reader in readers:
        await reader.hears()
        assert found(reader) == ["Frost for all"]


async def test_a_private_organisation_is_searched_by_its_members_alone(db: object, follow: Follow) -> None:
    private = await make_organization(Visibility.PRIVATE)
    member, stranger = await make_member(private), await make_member(await make_organization())
    await make_post(member, title="Frost within")
    inside = topic(private, "frost", member)
    assert found(await follow(inside, member)) == ["Frost within"]
    for address in (inside, topic(private, "frost")):
        for who in (stranger, None):
            assert await (await follow(address, who, joins=False)).join() == NOT_FOUND


async def test_members_of_a_public_organisation_search_under_a_name_of_their_own(
    organization: Organization, author: Scope, follow: Follow
) -> None:
    stranger = await make_member(await make_organization())
    for who in (stranger, None):
        reply = await (await follow(topic(organization, "frost", author), who, joins=False)).join()
        assert reply == UNAUTHORIZED


@pytest.mark.parametrize("query", ["q=", "q=+frost", "q=frost&page=2", "q=a&q=b", "words=frost", "q=%66rost", "frost"])
async def test_a_search_is_known_by_one_name_only(organization: Organization, follow: Follow, query: str) -> None:
    address = narrowed(f"stream:search:{organization.slug}", query)
    assert await (await follow(address, joins=False)).join() == UNMATCHED


async def test_no_other_topic_searches(organization: Organization, author: Scope, follow: Follow) -> None:
    name = digest("q=frost")
    audiences = ("moderators", str(author.user_id), "members:members")
    topics = [f"stream:search:{organization.slug}:{audience}:{name}?q=frost" for audience in audiences]
    for address in (*topics, f"stream:search:{name}?q=frost", f"stream:search:{organization.slug}:{name}?q=ice"):
        assert await (await follow(address, author, joins=False)).join() == UNMATCHED


HOSTILE = [
    "'\"(&|!*:",
    "\x00",
    "x" * 300,
    "茶" * 200,
    "foo'); drop table posts; --",
    "%_\\",
    "~&q=b",
    "a?b:c#d",
    "-frost",
]


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_find_nothing_and_break_nothing(
    organization: Organization, author: Scope, follow: Follow, words: str
) -> None:
    reader = await follow(topic(organization, words[:200]))
    assert found(reader) == []
    await make_post(author, title="Frost")
    await reader.hears()
    assert found(reader) == []


@pytest.mark.parametrize(
    "key", [[1], [1, "2026-01-01"], ["x", "y", "z"], [2**62, "never", "x"], [1, "2026-11-20T09:00:00+00:00", "no"]]
)
async def test_a_key_that_is_none_is_refused(organization: Organization, follow: Follow, key: list[object]) -> None:
    reader = await follow(topic(organization, "frost"))
    for towards in ("after", "before"):
        assert await reader.ask(**{towards: key}) == NOT_FOUND


async def test_a_change_is_looked_up_once_for_all_who_search_alike_and_candidates_only_if_it_matches(
    organization: Organization, author: Scope, follow: Follow, reads_of_posts: Reads
) -> None:
    readers = [await follow(topic(organization, "frost")) for _ in range(3)]
    for title, ranked in (("Frost", 1), ("Nothing of the kind", 0)):
        with reads_of_posts() as statements:
            await make_post(author, title=title)
            for reader in readers:
                await reader.hears()
        assert len([each for each in statements if "ts_rank" in each]) == ranked
        assert all(found(reader) == ["Frost"] for reader in readers)
