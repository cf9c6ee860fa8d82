"""The conversation under a post: which stream shows it to whom, and what a person may do with a comment."""

from __future__ import annotations

import pytest

from myapp import blog
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.scope import Scope
from myapp.web.blog.post.comment_forms import CommentForm, EditForm
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.blog.post.state import PostState
from tests.factories.blog import make_comment, make_post
from tests.live import Tab
from tests.web.blog.conftest import Site


async def words(site: Site, tab: Tab, scope: Scope | None = None) -> list[str]:
    """The HTML of every comment that the stream shows which this person's tab follows."""
    return [row["body_html"] for row in await site.rows_of(tab.get(CommentsState.topic), scope)]


def paragraphs(*texts: str) -> list[str]:
    return [f"<p>{text}</p>\n" if text else "" for text in texts]


async def test_comments_are_read_in_their_threads(site: Site):
    post = await make_post(site.owner, title="On tea")
    one, _ = [await make_comment(site.member, post, body) for body in ("One", "Two")]
    await make_comment(site.owner, post, "To one", parent_id=one.id)
    tab = await site.open("/posts/on-tea")

    assert await words(site, tab) == paragraphs("One", "To one", "Two")
    assert [row["is_reply"] for row in await site.rows_of(tab.get(CommentsState.topic))] == [False, True, False]
    assert tab.get(PostState.comment_count) == 3


async def test_how_many_there_are_is_said_of_those_that_come_meanwhile_too(site: Site):
    post = await make_post(site.owner, title="On tea")
    await make_comment(site.member, post)
    tab = await site.open("/posts/on-tea")
    assert tab.get(PostState.comment_count) == 1

    second = await make_comment(site.owner, post)
    await tab.until(lambda: tab.get(PostState.comment_count) == 2)

    await blog.hide_comment(site.moderator, second.id)
    await tab.until(lambda: tab.get(PostState.comment_count) == 1)


async def test_what_is_wrong_with_a_comment_is_said_at_its_field(site: Site):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.member)

    await tab.send(CommentForm.validate, {"body": "   "}, ["body"])

    assert tab.get(CommentForm.errors) == {"body": "can't be blank"}


async def test_one_changes_ones_own_words_only(site: Site):
    post = await make_post(site.owner, title="On tea")
    mine, theirs = await make_comment(site.member, post, "Mine"), await make_comment(site.owner, post, "Theirs")
    tab = await site.open("/posts/on-tea", site.member)

    await tab.send(EditForm.open(str(mine.id)))
    assert tab.get(EditForm.values) == {"body": "Mine", "tags": ""}
    await tab.submit(EditForm.save, {"body": "Mine, better"})
    assert await words(site, tab, site.member) == paragraphs("Mine, better", "Theirs")

    await tab.send(EditForm.open(str(theirs.id)))
    with pytest.raises(Forbidden):
        await tab.submit(EditForm.save, {"body": "Put into their mouth"})
    assert await words(site, tab, site.member) == paragraphs("Mine, better", "Theirs")


async def test_deleting_asks_once_and_leaves_a_place_where_others_have_replied(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.member, post, "Regretted")
    await make_comment(site.owner, post, "Answered", parent_id=comment.id)
    tab, reader = await site.open("/posts/on-tea", site.member), await site.open("/posts/on-tea")

    await tab.send(CommentsState.ask_delete(str(comment.id)))
    assert tab.get(CommentsState.confirming) == str(comment.id)
    assert await words(site, reader) == paragraphs("Regretted", "Answered")

    await tab.send(CommentsState.delete(str(comment.id)))
    assert await words(site, reader) == paragraphs("", "Answered")
    first, _ = await site.rows_of(reader.get(CommentsState.topic))
    assert (first["standing"], first["author"], first["author_id"]) == ("deleted", "", "")
    await reader.until(lambda: reader.get(PostState.comment_count) == 1)


async def test_a_moderator_hides_and_shows_again(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.member, post, "Rude")
    moderator, reader = await site.open("/posts/on-tea", site.moderator), await site.open("/posts/on-tea")

    await moderator.send(CommentsState.toggle_hidden(str(comment.id)))
    assert await words(site, moderator, site.moderator) == paragraphs("Rude")
    assert await words(site, reader) == []

    await moderator.send(CommentsState.toggle_hidden(str(comment.id)))
    assert await words(site, reader) == paragraphs("Rude")
    [row] = await site.rows_of(reader.get(CommentsState.topic))
    assert not row["is_edited"]


async def test_a_member_cannot_hide_or_delete_what_others_said(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.owner, post, "Mine")
    tab = await site.open("/posts/on-tea", site.member)

    for handler in (CommentsState.toggle_hidden, CommentsState.delete):
        with pytest.raises(Forbidden):
            await tab.send(handler(str(comment.id)))
    assert await words(site, tab, site.member) == paragraphs("Mine")


@pytest.mark.parametrize("forged", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_a_forged_id_is_nothing(site: Site, forged: str):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.owner)

    for handler in (CommentsState.delete, EditForm.open):
        with pytest.raises(NotFound):
            await tab.send(handler(forged))


async def test_a_visitor_reads_but_cannot_comment(site: Site):
    post = await make_post(site.owner, title="On tea")
    await make_comment(site.member, post, "Lovely")
    tab = await site.open("/posts/on-tea")

    assert await words(site, tab) == paragraphs("Lovely")
    assert not tab.get(CommentsState.can_comment)


async def test_the_comments_of_another_post_are_not_taken_for_this_ones(site: Site):
    await make_post(site.owner, title="On tea")
    await make_post(site.owner, title="On coffee")
    tab = await site.open("/posts/on-tea")
    tea = tab.get(CommentsState.topic)
    await tab.navigate(f"/o/{site.slug}/posts/on-coffee")
    assert tab.get(CommentsState.topic) != tea
    assert tab.get(CommentsState.path).endswith("on-coffee")


async def test_the_drafts_author_discusses_it_with_moderators(site: Site):
    draft = await make_post(site.member, title="On tea", status="draft")
    await make_comment(site.moderator, draft, "Not yet")
    tabs = [(await site.open("/posts/on-tea", who), who) for who in (site.member, site.moderator)]
    for tab, who in tabs:
        assert await words(site, tab, who) == paragraphs("Not yet")
    assert len({tab.get(CommentsState.topic) for tab, _ in tabs}) == 2


async def test_the_number_of_queries_does_not_grow_with_the_conversation(site: Site):
    post = await make_post(site.owner, title="On tea")

    async def opened(count: int) -> int:
        for _ in range(count):
            comment = await blog.create_comment(site.member, post.id, {"body": "Said", "tags": "a, b"})
            await make_comment(site.owner, post, "Answered", parent_id=comment.id)
        with site.queries() as queries:
            tab = await site.open("/posts/on-tea", site.member)
            await words(site, tab, site.member)
        await tab.close()
        return len(queries)

    assert await opened(1) == await opened(8)
