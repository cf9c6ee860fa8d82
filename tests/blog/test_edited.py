"""What is called edited: words that somebody may have read, and that are others now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from myapp import blog
from myapp.accounts import Organization
from myapp.blog import Post
from myapp.kit.clock import now
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member
from tests.factories.blog import make_comment, make_post, set_columns


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization, Role.OWNER)


async def is_edited(scope: Scope, post: Post) -> bool:
    return (await blog.get_post_by_id(scope, post.id)).edited_at is not None


@pytest.mark.parametrize(
    "attrs",
    [{"title": "Another"}, {"body": "Quite other words."}, {"excerpt": "In short."}],
    ids=lambda each: next(iter(each)),
)
async def test_a_published_post_with_other_words_is_edited(author: Scope, attrs: dict[str, str]) -> None:
    post = await make_post(author)
    before = now()
    await blog.update_post(author, post.id, attrs)
    edited_at = (await blog.get_post_by_id(author, post.id)).edited_at
    assert edited_at is not None
    assert before <= edited_at <= now()


@pytest.mark.parametrize(
    "attrs", [{"tags": "tea"}, {"meta": {"cups": 2}}, {"slug": "elsewhere"}, {"title": " Hello "}], ids=str
)
async def test_a_post_whose_words_stay_is_not(author: Scope, attrs: dict[str, object]) -> None:
    post = await make_post(author, title="Hello")
    await blog.update_post(author, post.id, attrs)
    assert not await is_edited(author, post)


async def test_what_happens_to_a_post_besides_its_words_does_not_edit_it(author: Scope) -> None:
    post = await make_post(author, status="draft")
    await blog.publish_post(author, post.id)
    await blog.feature_post(author, post.id, on=True)
    await blog.unpublish_post(author, post.id)
    await blog.publish_post(author, post.id)
    assert not await is_edited(author, post)


async def test_a_post_that_publishes_itself_is_not_edited(author: Scope) -> None:
    post = await make_post(author, status="scheduled", published_at=now() + timedelta(hours=1))
    await blog.update_post(author, post.id, {"body": "Other words in good time."})
    await set_columns(post, published_at=now() - timedelta(minutes=1))
    assert await blog.publish_due_posts(SYSTEM) == 1
    assert not await is_edited(author, post)


async def test_words_that_are_published_with_their_change_are_not_edited(author: Scope) -> None:
    post = await make_post(author, status="draft")
    await blog.update_post(author, post.id, {"body": "The final words.", "status": "published"})
    assert not await is_edited(author, post)


async def test_a_post_that_was_taken_back_is_edited_as_its_readers_remember_it(author: Scope) -> None:
    post = await make_post(author)
    await blog.unpublish_post(author, post.id)
    await blog.update_post(author, post.id, {"body": "What I meant to say."})
    await blog.publish_post(author, post.id)
    assert await is_edited(author, post)


async def test_what_is_to_appear_anew_is_new(author: Scope) -> None:
    post = await make_post(author)
    await blog.update_post(author, post.id, {"body": "What I meant to say."})
    await blog.unpublish_post(author, post.id)
    await blog.schedule_post(author, post.id, now() + timedelta(days=1))
    assert not await is_edited(author, post)


async def test_other_words_edit_a_comment_and_hiding_it_does_not(author: Scope) -> None:
    comment = await make_comment(author, await make_post(author))
    await blog.hide_comment(author, comment.id)
    await blog.hide_comment(author, comment.id, hidden=False)
    await blog.update_comment(author, comment.id, {"body": comment.body, "tags": "tea"})
    card = await blog.fetch_comment(author, comment.id)
    assert card is not None
    assert card.edited_at is None

    await blog.update_comment(author, comment.id, {"body": "Other words."})
    card = await blog.fetch_comment(author, comment.id)
    assert card is not None
    assert card.edited_at is not None
