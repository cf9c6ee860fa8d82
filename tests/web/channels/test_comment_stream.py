"""Comments that are followed and written over a channel."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from myapp import blog
from myapp.accounts import Organization, Visibility
from myapp.blog import Post
from myapp.kit.scope import Role, Scope
from myapp.web.blog.comment_streams import conversation_topic
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.web.channels.conftest import Follow, Follower

NOT_FOUND = {"status": "error", "response": {"reason": "not found"}}
UNAUTHORIZED = {"status": "error", "response": {"reason": "unauthorized"}}


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


@pytest.fixture
async def member(organization: Organization) -> Scope:
    return await make_member(organization, name="Mia")


@pytest.fixture
async def post(author: Scope) -> Post:
    return await make_post(author)


def topic(scope: Scope | None, post: Post, *, is_published: bool = True) -> str:
    return conversation_topic(scope or Scope.anonymous(post.org_id), post.id, is_published=is_published)


def words(follower: Follower) -> list[str]:
    return [row["body_html"].strip() for row in follower.replica.window.rows]


async def create(follower: Follower, **payload: object) -> dict[str, Any]:
    """Send a comment; the answer, whatever else comes before it."""
    await follower.client.send("1", "7", follower.topic, "create", {"client_id": str(uuid4()), "tags": "", **payload})
    while True:
        _, ref, _, event, response = await follower.client.hear()
        if event == "diff":
            follower.replica.heard(response)
        elif ref == "7":
            return response


async def hear_until(follower: Follower, count: int) -> None:
    """What is still being read when a test ends would be cut off in the middle."""
    while len(words(follower)) != count:
        await follower.hears()


async def test_a_comment_is_there_for_everybody_once_it_is_sent(post: Post, member: Scope, follow: Follow) -> None:
    reader = await follow(topic(None, post), descending=False)
    writer = await follow(topic(member, post), member, descending=False)
    name = str(uuid4())

    reply = await create(writer, body="**One** <b>", tags="praise", client_id=name)

    assert reply["status"] == "ok"
    await reader.hears()
    await hear_until(writer, 1)
    (row,) = reader.replica.window.rows
    assert row["id"] == reply["response"]["id"]
    assert (row["author"], row["tags"], row["client_id"]) == ("Mia", ["praise"], name)
    assert row["body_html"] == "<p><strong>One</strong> &lt;b&gt;</p>\n"


async def test_a_comment_that_is_sent_again_is_there_once(post: Post, member: Scope, follow: Follow) -> None:
    writer = await follow(topic(member, post), member, descending=False)
    name = str(uuid4())
    first, again = [await create(writer, body="Once", client_id=name) for _ in range(2)]
    await hear_until(writer, 1)
    assert first == again
    assert len((await blog.list_conversation(member, post.id)).entries) == 1


async def test_a_reply_comes_in_under_what_it_answers(post: Post, author: Scope, follow: Follow) -> None:
    one, _ = [await make_comment(author, post, body) for body in ("One", "Two")]
    writer = await follow(topic(author, post), author, descending=False)
    await create(writer, body="To one", parent_id=str(one.id))
    await hear_until(writer, 3)
    assert words(writer) == ["<p>One</p>", "<p>To one</p>", "<p>Two</p>"]


async def test_the_place_of_a_hidden_comment_is_there_as_long_as_its_replies(
    post: Post, author: Scope, member: Scope, follow: Follow
) -> None:
    comment = await make_comment(member, post, "Rude")
    reply = await make_comment(author, post, "Now, now", parent_id=comment.id)
    reader = await follow(topic(None, post), descending=False)
    moderator = await follow(topic(author, post), author, descending=False)

    await blog.hide_comment(author, comment.id)
    await reader.hears()
    await moderator.hears()
    assert words(reader) == ["", "<p>Now, now</p>"]
    assert words(moderator) == ["<p>Rude</p>", "<p>Now, now</p>"]

    await blog.delete_comment(author, reply.id)
    await hear_until(reader, 0)
    await hear_until(moderator, 1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"body": "  "}, "invalid"),
        ({"body": ["x"]}, "invalid"),
        ({}, "invalid"),
        ({"body": "x", "client_id": "7"}, "not found"),
        ({"body": "x", "client_id": None}, "not found"),
        ({"body": "x", "parent_id": "x"}, "not found"),
        ({"body": "x", "parent_id": str(uuid4())}, "not found"),
    ],
)
async def test_what_makes_no_comment_is_refused(
    post: Post, member: Scope, follow: Follow, payload: dict[str, object], reason: str
) -> None:
    writer = await follow(topic(member, post), member, descending=False)
    reply = await create(writer, **payload)
    assert (reply["status"], reply["response"]["reason"]) == ("error", reason)
    assert (await blog.list_conversation(member, post.id)).entries == []


async def test_who_only_reads_cannot_write_by_sending(post: Post, follow: Follow) -> None:
    stranger = await make_member(await make_organization())
    for who in (None, stranger):
        reply = await create(await follow(topic(None, post), who, descending=False), body="Me too")
        assert (reply["status"], reply["response"]["reason"]) == ("error", "unauthorized")


async def test_comments_are_for_those_who_may_read_the_post(
    organization: Organization, member: Scope, author: Scope, follow: Follow
) -> None:
    draft = await make_post(author, status="draft")
    insider = await make_member(await make_organization(Visibility.PRIVATE))
    hidden = await make_post(insider)
    for address, who, answer in [
        (topic(None, draft), None, NOT_FOUND),
        (topic(None, draft), author, NOT_FOUND),  # it is no audience of the draft's
        (topic(member, draft), member, NOT_FOUND),
        (topic(member, draft, is_published=False), member, NOT_FOUND),
        (topic(author, draft), member, UNAUTHORIZED),
        (topic(None, hidden), None, NOT_FOUND),
        (topic(None, hidden), insider, NOT_FOUND),
        (topic(insider, hidden), member, NOT_FOUND),
        (f"stream:comments:{uuid4()}", None, NOT_FOUND),
        (f"stream:comments:{str(draft.id).upper()}", author, NOT_FOUND),
    ]:
        assert await (await follow(address, who, joins=False)).join() == answer, (address, who)


async def test_when_a_post_is_taken_back_its_comments_are(post: Post, author: Scope, follow: Follow) -> None:
    await make_comment(author, post)
    reader = await follow(topic(None, post), descending=False)
    assert len(words(reader)) == 1
    await blog.unpublish_post(author, post.id)
    assert await reader.hears() == [["reset", [], False]]


async def test_a_long_conversation_has_pages(post: Post, author: Scope, follow: Follow) -> None:
    for number in range(53):
        await make_comment(author, post, f"{number}")
    reader = await follow(topic(None, post), descending=False)
    assert len(words(reader)) == 50
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert words(reader) == [f"<p>{number}</p>" for number in range(53)]
