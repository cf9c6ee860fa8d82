"""Comments: two levels, one's own words, and what is hidden or deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from myapp import accounts, blog
from myapp.accounts import Organization
from myapp.blog import Comment, CommentCreated, CommentDeleted, CommentKind, CommentUpdated, Post
from myapp.kit.audit import AuditLog
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post, set_columns

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, name="Ann")


@pytest.fixture
async def reader(organization: Organization) -> Scope:
    return await make_member(organization, name="Rob")


@pytest.fixture
async def moderator(organization: Organization) -> Scope:
    return await make_member(organization, Role.MODERATOR)


@pytest.fixture
async def post(author: Scope) -> Post:
    return await make_post(author)


async def threads(scope: Scope, post: Post) -> list[tuple[str, list[str]]]:
    page = await blog.list_comments(scope, post.id)
    return [(card.body, [reply.body for reply in card.replies]) for card in page.entries]


async def test_replies_to_replies_are_filed_under_the_first_comment(author: Scope, reader: Scope, post: Post) -> None:
    one = await make_comment(reader, post, "one")
    two = await make_comment(author, post, "two", parent_id=one.id)
    three = await make_comment(reader, post, "three", parent_id=two.id)
    assert three.parent_id == one.id
    assert await threads(Scope.anonymous(post.org_id), post) == [("one", ["two", "three"])]


async def test_the_database_refuses_a_third_level_and_a_parent_under_another_post(author: Scope, post: Post) -> None:
    one = await make_comment(author, post)
    two = await make_comment(author, post, parent_id=one.id)
    other = await make_comment(author, await make_post(author))
    for parent in (two.id, other.id):
        bad = Comment(org_id=post.org_id, post_id=post.id, parent_id=parent, author_id=author.user_id, body="x")
        with pytest.raises(IntegrityError, match="fk_comments_parent_id"):
            async with transaction(SYSTEM) as session:
                session.add(bad)


async def test_a_reply_needs_a_comment_of_the_same_post(author: Scope, post: Post) -> None:
    other = await make_comment(author, await make_post(author))
    with pytest.raises(NotFound):
        await make_comment(author, post, parent_id=other.id)


@pytest.mark.parametrize(
    ("body", "error"), [(" ", "can't be blank"), ("x" * 10_001, "should be at most 10000 character(s)")]
)
async def test_what_a_comment_must_not_be(reader: Scope, post: Post, body: str, error: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await blog.create_comment(reader, post.id, {"body": body})
    assert (
        refusal.value.errors
        == {"body": [error]}
        == (await blog.change_comment(reader, {"body": body})).error_messages()
    )


async def test_hostile_words_are_shown_as_words(reader: Scope, post: Post) -> None:
    comment = await make_comment(reader, post, "<script>alert(1)</script> [x](javascript:alert(1))")
    assert comment.body_html == "<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>\n"


async def test_comments_have_tags_as_posts_do(reader: Scope, post: Post) -> None:
    comment = await blog.create_comment(reader, post.id, {"body": "Tagged.", "tags": "Praise, typo"})
    await blog.update_comment(reader, comment.id, {"body": "Tagged.", "tags": "praise"})
    [card] = (await blog.list_comments(reader, post.id)).entries
    assert [(tag.name, tag.slug) for tag in card.tags] == [("Praise", "praise")]


async def test_words_are_changed_by_their_author_alone(reader: Scope, moderator: Scope, post: Post) -> None:
    comment = await make_comment(reader, post, "mine")
    assert (await blog.update_comment(reader, comment.id, {"body": "*mine*"})).body_html == "<p><em>mine</em></p>\n"
    with pytest.raises(Forbidden):
        await blog.update_comment(moderator, comment.id, {"body": "theirs"})


async def test_a_deleted_comment_is_gone_unless_there_are_replies(author: Scope, reader: Scope, post: Post) -> None:
    lonely, answered = await make_comment(reader, post, "lonely"), await make_comment(reader, post, "answered")
    reply = await make_comment(author, post, "reply", parent_id=answered.id)
    await blog.delete_comment(reader, lonely.id)
    await blog.delete_comment(reader, answered.id)
    [card] = (await blog.list_comments(reader, post.id)).entries
    assert (card.is_deleted, card.body, card.author_name, card.author_id) == (True, "", "", None)
    assert [each.id for each in card.replies] == [reply.id]
    with pytest.raises(NotFound):
        await blog.update_comment(reader, answered.id, {"body": "back"})


async def test_what_is_hidden_is_read_by_moderators_alone(reader: Scope, moderator: Scope, post: Post) -> None:
    comment = await make_comment(reader, post, "rude")
    await blog.hide_comment(moderator, comment.id)
    assert await threads(reader, post) == []
    assert await blog.fetch_comment(reader, comment.id) is None
    [card] = (await blog.list_comments(moderator, post.id)).entries
    assert (card.is_hidden, card.body) == (True, "rude")
    assert (await blog.list_posts(reader)).entries[0].comment_count == 0
    await blog.hide_comment(moderator, comment.id, hidden=False)
    assert await threads(reader, post) == [("rude", [])]


async def test_hiding_what_is_hidden_changes_nothing(moderator: Scope, reader: Scope, post: Post) -> None:
    comment = await make_comment(reader, post)
    first = await blog.hide_comment(moderator, comment.id)
    assert (await blog.hide_comment(moderator, comment.id)).hidden_at == first.hidden_at


async def test_a_hidden_comment_keeps_its_place_over_replies_without_its_words(
    reader: Scope, moderator: Scope, post: Post
) -> None:
    comment = await make_comment(reader, post, "rude")
    await make_comment(moderator, post, "calm", parent_id=comment.id)
    await blog.hide_comment(moderator, comment.id)
    [card] = (await blog.list_comments(Scope.anonymous(post.org_id), post.id)).entries
    assert (card.is_hidden, card.body, card.body_html, card.author_name) == (True, "", "", "")


async def test_moderators_delete_what_others_wrote_and_it_is_on_record(
    reader: Scope, moderator: Scope, post: Post
) -> None:
    first, second = await make_comment(reader, post), await make_comment(reader, post)
    await blog.hide_comment(moderator, first.id)
    await blog.delete_comment(moderator, second.id)
    async with transaction(SYSTEM) as session:
        actions = (await session.exec(select(AuditLog.action).where(AuditLog.actor_id == moderator.user_id))).all()
    assert sorted(actions) == ["blog.comment.deleted", "blog.comment.hidden"]


async def test_members_of_no_or_another_organisation_do_not_comment(post: Post) -> None:
    stranger = await make_member(await make_organization())
    with pytest.raises(NotFound):
        await make_comment(stranger, post)
    with pytest.raises(Forbidden):
        await make_comment(Scope(stranger.user_id, post.org_id), post)


async def test_listeners_hear_of_comments_of_their_post(reader: Scope, moderator: Scope, post: Post) -> None:
    heard: list[object] = []
    subscription = await blog.subscribe_comments(reader, post.id, lambda _, event: heard.append(event))
    comment = await make_comment(reader, post)
    await make_comment(reader, await make_post(reader))
    await blog.update_comment(reader, comment.id, {"body": "changed"})
    await blog.hide_comment(moderator, comment.id)
    await blog.delete_comment(moderator, comment.id)
    subscription.cancel()
    assert [type(event) for event in heard] == [CommentCreated, CommentUpdated, CommentUpdated, CommentDeleted]


async def test_pingbacks_stand_apart(author: Scope, post: Post) -> None:
    pingback = await make_comment(author, post, "You are mentioned.")
    await set_columns(pingback, kind=CommentKind.PINGBACK, author_id=None, author_name="Another site")
    assert await threads(author, post) == []
    assert [card.author_name for card in await blog.list_pingbacks(author, post.id)] == ["Another site"]
    assert await blog.count_comments(author, [post.id]) == {post.id: 0}


async def test_threads_come_in_pages(reader: Scope, post: Post) -> None:
    for number in range(5):
        await make_comment(reader, post, f"{number}")
    first = await blog.list_comments(reader, post.id, limit=3)
    second = await blog.list_comments(reader, post.id, limit=3, after=first.after)
    assert [card.body for card in first.entries + second.entries] == ["0", "1", "2", "3", "4"]
    assert not second.has_more


async def test_the_five_most_liked_comments_of_each_post_are_one_query(
    author: Scope, assert_queries: AssertQueries
) -> None:
    posts = [await make_post(author) for _ in range(3)]
    for post in posts[:2]:
        for likes in range(7):
            await set_columns(await make_comment(author, post, f"{likes}"), like_count=likes)
    with assert_queries(1):
        top = await blog.top_comments(author, [post.id for post in posts])
    assert [[card.body for card in top[post.id]] for post in posts] == [list("65432"), list("65432"), []]


async def test_a_thread_takes_two_queries_however_long_it_is(
    reader: Scope, post: Post, assert_queries: AssertQueries
) -> None:
    for _ in range(4):
        comment = await make_comment(reader, post)
        await make_comment(reader, post, parent_id=comment.id)
        with assert_queries(2):
            await blog.list_comments(reader, post.id)


async def test_a_conversation_reads_as_its_threads_do_and_has_pages_both_ways(
    post: Post, reader: Scope, moderator: Scope
) -> None:
    roots = [await blog.create_comment(reader, post.id, {"body": f"{number}"}) for number in range(4)]
    for number in (2, 0, 2, 3, 0):
        answer = {"body": f"to {number}"}
        reply = await blog.create_comment(reader, post.id, answer, parent_id=roots[number].id)
    await blog.hide_comment(moderator, reply.id)
    await blog.hide_comment(moderator, roots[1].id)
    await blog.hide_comment(moderator, roots[3].id)
    expected = ["0", "to 0", "2", "to 2", "to 2", "", "to 3"]

    there, after = list[str](), None
    while page := await blog.list_conversation(reader, post.id, after=after, limit=2):
        there += [card.body for card in page.entries]
        if (after := page.after) is None:
            break
    assert there == expected
    back, before = list[str](), page.before
    while before:
        page = await blog.list_conversation(reader, post.id, before=before, limit=2)
        back = [card.body for card in page.entries] + back
        before = page.before
    assert back == expected[: len(back)]
    assert len(back) >= len(expected) - 2

    everything = (await blog.list_conversation(moderator, post.id)).entries
    assert [card.body for card in everything] == ["0", "to 0", "to 0", "1", "2", "to 2", "to 2", "3", "to 3"]
    shown = await blog.fetch_conversation(reader, [card.id for card in everything])
    assert {card.id for card in shown} == {card.id for card in (await blog.list_conversation(reader, post.id)).entries}


async def test_a_comment_that_is_sent_again_is_the_same(post: Post, reader: Scope, moderator: Scope) -> None:
    name = new_id()
    first, again = [
        await blog.create_comment(reader, post.id, {"body": body}, client_id=name) for body in ("Once", "Twice")
    ]
    other = await blog.create_comment(moderator, post.id, {"body": "Another's"}, client_id=name)
    assert (again.id, again.body) == (first.id, "Once")
    assert other.id != first.id


async def test_members_whom_a_comment_names_are_marked_in_it(ada: Scope, mei: Scope) -> None:
    person = await accounts.get_user(mei, mei.user_id or new_id())
    post = await make_post(ada)
    comment = await make_comment(ada, post, f"@{person.username}, @nobody and `@{person.username}`")
    mark = f'<span class="mention" data-user="{mei.user_id}">@{person.username}</span>'
    assert comment.body_html.strip() == f"<p>{mark}, @nobody and <code>@{person.username}</code></p>"
    changed = await blog.update_comment(ada, comment.id, {"body": f"Thank you, @{person.username.upper()}."})
    assert "mention" in changed.body_html
