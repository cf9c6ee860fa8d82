"""What people and processes do at the same moment, on connections of their own: nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from myapp import accounts, blog
from myapp.blog import Comment, Post, PostConflict, PostSlug, PostStatus, Tag
from myapp.kit.audit import AuditLog
from myapp.kit.clock import new_id, now
from myapp.kit.errors import NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests import peers
from tests.factories import SYSTEM, within
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post, set_columns
from tests.overlaps import while_open


@pytest.fixture
async def author(real_db: str) -> Scope:
    return await make_member(await make_organization(), Role.ADMIN)


async def stored(post: Post) -> Post:
    async with transaction(SYSTEM) as session:
        return await session.get_one(Post, post.id, populate_existing=True)


async def test_twenty_posts_of_one_title_at_once_get_twenty_slugs(author: Scope) -> None:
    posts = await asyncio.gather(*(make_post(author, title="The race", tags=["Race", f"n{n}"]) for n in range(20)))
    assert len({post.slug for post in posts}) == 20
    async with transaction(SYSTEM) as session:
        assert len((await session.exec(select(Tag).where(Tag.slug == "race"))).all()) == 1


async def test_drafts_that_get_one_title_at_once_get_different_slugs(author: Scope) -> None:
    drafts = [await make_post(author, status="draft") for _ in range(8)]
    saved = await asyncio.gather(*(blog.update_post(author, each.id, {"title": "The race"}) for each in drafts))
    assert len({post.slug for post in saved}) == 8
    async with transaction(SYSTEM) as session:
        former = (await session.exec(select(PostSlug.slug))).all()
    assert set(former) == {draft.slug for draft in drafts}


async def test_who_saves_while_it_is_being_published_is_told(real_db: str, author: Scope) -> None:
    draft = await make_post(author, status="draft")
    save = blog.update_post(author, draft.id, {"title": "Edited", "version": draft.version})
    came = await while_open(real_db, blog.publish_post(author, draft.id), save)
    assert isinstance(came, PostConflict)
    assert came.stored.status == PostStatus.PUBLISHED
    found = await stored(draft)
    assert (found.title, found.status, found.version) == (draft.title, PostStatus.PUBLISHED, 2)


async def test_who_publishes_while_it_is_being_saved_publishes_what_was_saved(real_db: str, author: Scope) -> None:
    draft = await make_post(author, status="draft")
    save = blog.update_post(author, draft.id, {"title": "Edited", "version": draft.version})
    await while_open(real_db, save, blog.publish_post(author, draft.id))
    found = await stored(draft)
    assert (found.title, found.status, found.version) == ("Edited", PostStatus.PUBLISHED, 3)


async def test_the_hour_of_a_post_comes_while_it_is_being_saved(real_db: str, author: Scope) -> None:
    """The clock passes by what somebody is writing to, and takes it the next time round."""
    post = await make_post(author, status="scheduled", published_at=now() + timedelta(hours=1))
    await set_columns(post, published_at=now() - timedelta(minutes=1))
    system = Scope.system("a test")
    async with transaction(SYSTEM):
        await blog.update_post(author, post.id, {"title": "Edited", "version": post.version})
        assert await asyncio.create_task(blog.publish_due_posts(system)) == 0
    assert await blog.publish_due_posts(system) == 1
    found = await stored(post)
    assert (found.title, found.status, found.version) == ("Edited", PostStatus.PUBLISHED, 3)


async def test_two_processes_publish_what_is_due_once(real_db: str, author: Scope) -> None:
    for _ in range(12):
        post = await make_post(author, status="scheduled", published_at=now() + timedelta(hours=1))
        await set_columns(post, published_at=now() - timedelta(minutes=1))
    environment = {"DATABASE_URL": real_db, "MYAPP_ENV": "test"}
    publishers = [await peers.start("tests.blog.publisher", environment=environment) for _ in range(2)]
    for each in publishers:
        assert await each.stdout.readline() == b"ready\n"
    for each in publishers:
        each.stdin.write(b"go\n")
    said = await asyncio.gather(*(each.stdout.read() for each in publishers))
    assert sum(int(number) for number in said) == 12
    assert [await each.wait() for each in publishers] == [0, 0]
    async with transaction(SYSTEM) as session:
        found = (await session.exec(select(Post.version, Post.status))).all()
        published = select(AuditLog).where(col(AuditLog.action) == "blog.post.published")
        assert len((await session.exec(published)).all()) == 12
    assert set(found) == {(2, PostStatus.PUBLISHED)}


async def test_who_saves_a_post_that_is_being_deleted_finds_it_gone(real_db: str, author: Scope) -> None:
    post = await make_post(author)
    save = blog.update_post(author, post.id, {"title": "Edited", "version": post.version})
    assert isinstance(await while_open(real_db, blog.delete_post(author, post.id), save), NotFound)


async def test_a_post_that_passes_to_somebody_else_stays_when_its_former_author_goes(
    real_db: str, author: Scope
) -> None:
    boss = await make_member(await within(accounts.get_organization(SYSTEM, author.org_id or new_id())), Role.ADMIN)
    posts = [await make_post(author), await make_post(author)]
    give = blog.transfer_post(boss, posts[0].id, boss.user_id or new_id())
    assert await while_open(real_db, give, blog.delete_own_posts(author)) == 1
    assert (await stored(posts[0])).author_id == boss.user_id


async def test_who_comments_on_a_post_that_is_being_deleted_finds_it_gone(real_db: str, author: Scope) -> None:
    post = await make_post(author)
    came = await while_open(real_db, blog.delete_post(author, post.id), make_comment(author, post))
    assert isinstance(came, NotFound)


async def test_a_post_that_is_being_commented_on_is_deleted_with_the_comment(real_db: str, author: Scope) -> None:
    post = await make_post(author)
    assert await while_open(real_db, make_comment(author, post), blog.delete_post(author, post.id)) is None
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(Comment))).all() == []


async def test_who_answers_a_comment_that_is_being_deleted_finds_it_gone(real_db: str, author: Scope) -> None:
    post = await make_post(author)
    comment = await make_comment(author, post)
    answer = make_comment(author, post, parent_id=comment.id)
    assert isinstance(await while_open(real_db, blog.delete_comment(author, comment.id), answer), NotFound)


async def test_a_comment_that_is_being_answered_keeps_its_place_when_it_is_deleted(real_db: str, author: Scope) -> None:
    post = await make_post(author)
    comment = await make_comment(author, post)
    answer = make_comment(author, post, "The answer", parent_id=comment.id)
    assert await while_open(real_db, answer, blog.delete_comment(author, comment.id)) is None
    (thread,) = (await blog.list_comments(author, post.id)).entries
    assert (thread.is_deleted, thread.body, [reply.body for reply in thread.replies]) == (True, "", ["The answer"])


async def test_a_comment_that_is_sent_twice_at_once_is_written_once(real_db: str, author: Scope) -> None:
    post, name = await make_post(author), new_id()
    first, second = [blog.create_comment(author, post.id, {"body": "Once"}, client_id=name) for _ in range(2)]
    came = await while_open(real_db, first, second)
    async with transaction(SYSTEM) as session:
        (comment,) = (await session.exec(select(Comment))).all()
    assert isinstance(came, Comment)
    assert came.id == comment.id
