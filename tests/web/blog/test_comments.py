"""The conversation under a post: two deep, live, everybody with the means that are theirs."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import blog
from myapp.kit.errors import Forbidden, NotFound
from myapp.web.blog.post.comment_forms import CommentForm, EditForm, ReplyForm
from myapp.web.blog.post.comments_state import STEP, CommentsState
from tests.factories.blog import make_comment, make_post
from tests.live import Tab
from tests.web.blog.conftest import Site


def words(tab: Tab) -> list[Any]:
    """Every comment's words, each followed by the list of its replies' if it has some."""
    said: list[Any] = []
    for thread in tab.get(CommentsState.threads):
        said.append(thread["body"])
        if thread["replies"]:
            said.append([reply["body"] for reply in thread["replies"]])
    return said


def first(tab: Tab) -> dict[str, Any]:
    return tab.get(CommentsState.threads)[0]


async def test_a_comment_appears_for_everybody_who_reads_the_post(site: Site):
    await make_post(site.owner, title="On tea")
    reader, writer = await site.open("/posts/on-tea"), await site.open("/posts/on-tea", site.member)

    await writer.submit(CommentForm.save, {"body": "  **Lovely.** <b>x</b> ", "tags": "praise, tea"})

    await reader.until(lambda: words(reader) == ["**Lovely.** <b>x</b>"])
    assert first(reader)["body_html"] == "<p><strong>Lovely.</strong> &lt;b&gt;x&lt;/b&gt;</p>\n"
    assert first(reader)["is_changed"]
    assert first(reader)["tags"] == ["praise", "tea"]
    assert words(writer) == words(reader)
    assert writer.get(CommentForm.values) == {"body": "", "tags": ""}
    assert reader.get(CommentsState.count) == 1


async def test_what_is_wrong_with_a_comment_is_said_at_its_field(site: Site):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.member)

    await tab.submit(CommentForm.save, {"body": "   "})

    assert tab.get(CommentForm.errors) == {"body": "can't be blank"}
    assert words(tab) == []


async def test_a_reply_stands_under_the_comment_and_one_to_a_reply_beside_it(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.owner, post, "First")
    tab = await site.open("/posts/on-tea", site.member)

    await tab.send(CommentsState.answer(str(comment.id)))
    await tab.submit(ReplyForm.save, {"body": "Second"})
    assert words(tab) == ["First", ["Second"]]
    assert tab.get(CommentsState.answering) == ""

    await tab.send(CommentsState.answer(first(tab)["replies"][0]["id"]))
    await tab.submit(ReplyForm.save, {"body": "Third"})
    assert words(tab) == ["First", ["Second", "Third"]]


async def test_one_changes_ones_own_words_only(site: Site):
    post = await make_post(site.owner, title="On tea")
    mine, theirs = await make_comment(site.member, post, "Mine"), await make_comment(site.owner, post, "Theirs")
    tab = await site.open("/posts/on-tea", site.member)
    assert [row["can_edit"] for row in tab.get(CommentsState.threads)] == [True, False]

    await tab.send(EditForm.open(str(mine.id)))
    assert tab.get(EditForm.values) == {"body": "Mine", "tags": ""}
    await tab.submit(EditForm.save, {"body": "Mine, better"})
    assert words(tab) == ["Mine, better", "Theirs"]

    await tab.send(EditForm.open(str(theirs.id)))
    with pytest.raises(Forbidden):
        await tab.submit(EditForm.save, {"body": "Put into their mouth"})
    assert words(tab) == ["Mine, better", "Theirs"]


async def test_deleting_asks_once_and_leaves_a_place_where_others_have_replied(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.member, post, "Regretted")
    await make_comment(site.owner, post, "Answered", parent_id=comment.id)
    tab, reader = await site.open("/posts/on-tea", site.member), await site.open("/posts/on-tea")

    await tab.send(CommentsState.ask_delete(str(comment.id)))
    assert tab.get(CommentsState.confirming) == str(comment.id)
    assert words(tab) == ["Regretted", ["Answered"]]

    await tab.send(CommentsState.delete(str(comment.id)))
    for each in (tab, reader):
        await each.until(lambda each=each: words(each) == ["", ["Answered"]])
        assert first(each)["standing"] == "deleted"


async def test_a_moderator_hides_and_shows_again(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.member, post, "Rude")
    moderator, reader = await site.open("/posts/on-tea", site.moderator), await site.open("/posts/on-tea")

    await moderator.send(CommentsState.toggle_hidden(str(comment.id)))
    assert first(moderator)["standing"] == "hidden"
    await reader.until(lambda: words(reader) == [])

    await moderator.send(CommentsState.toggle_hidden(str(comment.id)))
    await reader.until(lambda: words(reader) == ["Rude"])


async def test_a_member_cannot_hide_or_delete_what_others_said(site: Site):
    post = await make_post(site.owner, title="On tea")
    comment = await make_comment(site.owner, post, "Mine")
    tab = await site.open("/posts/on-tea", site.member)

    for handler in (CommentsState.toggle_hidden, CommentsState.delete):
        with pytest.raises(Forbidden):
            await tab.send(handler(str(comment.id)))
    assert words(tab) == ["Mine"]


@pytest.mark.parametrize("forged", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_a_forged_id_is_nothing(site: Site, forged: str):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.owner)

    with pytest.raises(NotFound):
        await tab.send(CommentsState.delete(forged))


async def test_a_visitor_reads_but_cannot_comment(site: Site):
    post = await make_post(site.owner, title="On tea")
    await make_comment(site.member, post, "Lovely")
    tab = await site.open("/posts/on-tea")

    assert (words(tab), tab.get(CommentsState.can_comment)) == (["Lovely"], False)
    with pytest.raises(Exception, match="Log in"):
        await tab.submit(CommentForm.save, {"body": "Me too"})
    assert (await blog.list_comments(site.owner, post.id)).entries[0].replies == ()


async def test_a_long_conversation_is_read_in_parts(site: Site):
    post = await make_post(site.owner, title="On tea")
    for number in range(STEP + 3):
        await make_comment(site.member, post, f"Number {number}")
    tab = await site.open("/posts/on-tea")
    assert (len(words(tab)), tab.get(CommentsState.has_more), tab.get(CommentsState.count)) == (STEP, True, STEP + 3)

    await tab.send(CommentsState.show_more)
    assert (len(words(tab)), tab.get(CommentsState.has_more)) == (STEP + 3, False)
